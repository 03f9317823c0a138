-- Where the record that gave a stamp stands in the chain's feed (0: not known here): what a value replaced is read there.
ALTER TABLE author ADD COLUMN feed_offset INTEGER NOT NULL DEFAULT 0;
-- Disagreements are listed newest first.
CREATE INDEX loser_by_time ON loser (time, site, incarnation);
-- Pairs of customers who may be one person (one < other). score: how likely, in per cent. state: 0 open, 1 two people.
CREATE TABLE likely_pair (
  one BLOB NOT NULL,
  other BLOB NOT NULL,
  score INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  found_ms INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE INDEX likely_pair_other ON likely_pair (other);
CREATE INDEX likely_pair_open ON likely_pair (score, found_ms) WHERE state = 0;
-- Alerts that somebody has seen to during a visit: "next time".
CREATE TABLE acknowledged (
  visit BLOB NOT NULL,
  alert TEXT NOT NULL,
  PRIMARY KEY (visit, alert)
) WITHOUT ROWID;
