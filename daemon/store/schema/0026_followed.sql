-- What a till has followed, a row a frame as it came, no longer a row a record. before, after: the feed's chain there;
-- `before` is empty where an earlier release kept the record and forgot the one before it.
CREATE TABLE followed (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  before BLOB NOT NULL,
  after BLOB NOT NULL,
  records BLOB NOT NULL,
  PRIMARY KEY (reach, number, last)
);
-- The log of head office (which alone has heads of feeds) stays a row a record.
INSERT INTO followed (reach, number, first, last, before, after, records)
  SELECT reach, number, feed_offset, feed_offset,
    lag(chain, 1, x'') OVER (PARTITION BY reach, number ORDER BY feed_offset), chain, one_record(header, slots)
  FROM feed WHERE NOT EXISTS (SELECT 1 FROM feed_head);
DELETE FROM feed WHERE NOT EXISTS (SELECT 1 FROM feed_head);
