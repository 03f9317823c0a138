-- In the index a word that stands in none of a customer's names has another first sign (domain/searched_words), so that
-- who is called Paris is found at once among all who live there. `word` now has all words of letters: those without a
-- sound stand in towns and tags only, where neither parts nor sounds are looked for.
DROP TABLE word;
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE,
  sound TEXT
);
CREATE INDEX word_sound ON word (sound) WHERE sound <> '';
INSERT INTO word_part (word_part) VALUES ('delete-all');
INSERT INTO search (search) VALUES ('delete-all');
-- The index is made again customer by customer, while the till sells.
INSERT OR REPLACE INTO meta (name, value)
  SELECT told.name, told.value
  FROM (SELECT 'reindexed_up_to' AS name, x'' AS value UNION ALL SELECT 'reindexing_skipped', 0) AS told
  WHERE EXISTS (SELECT 1 FROM element);
