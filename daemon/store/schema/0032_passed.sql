-- Where the chain's feed stood at places of which the log has dropped the records: by it a till that comes back after
-- weeks proves that this head office is the one that it followed, and not one that was restored without a word.
CREATE TABLE passed (
  feed_offset INTEGER PRIMARY KEY,
  chain BLOB NOT NULL
);
