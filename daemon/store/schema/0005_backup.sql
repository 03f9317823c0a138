-- Verified backups of the hub that may be restored, and those that may not any more. Empty on a till.
-- path: where it was written; generation, feed_offset, chain: where the chain's feed stood in it.
CREATE TABLE backup (
  path TEXT PRIMARY KEY,
  taken_ms INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  chain BLOB NOT NULL,
  withdrawn_ms INTEGER
) WITHOUT ROWID;
