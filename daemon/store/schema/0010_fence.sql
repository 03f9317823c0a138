-- Two live processes of one site are two boxes with one card. boots: the processes heard lately, each with the highest
-- number of its greetings; fenced_ms: since when the site is fenced, 0 where it is not.
ALTER TABLE roster ADD COLUMN boots BLOB NOT NULL DEFAULT x'';
ALTER TABLE roster ADD COLUMN fenced_ms INTEGER NOT NULL DEFAULT 0;
