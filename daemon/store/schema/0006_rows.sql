-- A till keeps what it followed (table feed) until every backup that may be restored holds it. When the hub was restored,
-- what it has lost moves here, and is returned to it in its old order.
CREATE TABLE lost (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  header BLOB NOT NULL,
  slots BLOB NOT NULL,
  PRIMARY KEY (reach, number, generation, feed_offset)
) WITHOUT ROWID;

-- The hub: records that came back that way, by feed. Their authors may send them again, other parts of them may follow.
CREATE TABLE recovered (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  site INTEGER NOT NULL,
  boot BLOB NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (reach, number, site, boot, n)
) WITHOUT ROWID;
