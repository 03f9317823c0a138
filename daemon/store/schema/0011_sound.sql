-- The sound of each distinct word (domain/sound_key), empty where it has none: names that are said alike are found by it.
ALTER TABLE word ADD COLUMN sound TEXT NOT NULL DEFAULT '';
UPDATE word SET sound = sound_key(text);
CREATE INDEX word_sound ON word (sound) WHERE sound <> '';
