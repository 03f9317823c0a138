-- What a replica is and holds. Blobs of 16 bytes are blake2b-128; ids are 8 bytes.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;

-- Replicated state. body: canonical bytes of the element; hash: of the body (digest and bit rot).
CREATE TABLE element (
  entity BLOB NOT NULL,
  kind INTEGER NOT NULL,
  dot BLOB NOT NULL,
  body BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (entity, kind, dot)
) WITHOUT ROWID;
-- The chain's own things are few and are listed whole.
CREATE INDEX element_of_chain ON element (kind) WHERE kind >= 64;

-- Additive digest of the elements, by scope: reach (0 chain, 1 shop, 2 site) and its number (0 for the chain).
CREATE TABLE bucket (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  total BLOB NOT NULL,
  PRIMARY KEY (reach, number, bucket)
) WITHOUT ROWID;

-- New totals of buckets, not yet in the table above: 2 bytes of bucket, 16 of total, one after the other.
CREATE TABLE bucket_log (
  id INTEGER PRIMARY KEY,
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  totals BLOB NOT NULL
);

-- What identifies: normal form of e-mails, codes, card numbers, phones; and edges by their other end.
CREATE TABLE lookup (
  claim INTEGER NOT NULL,
  value TEXT NOT NULL,
  entity BLOB NOT NULL,
  kind INTEGER NOT NULL,
  dot BLOB NOT NULL,
  field INTEGER NOT NULL,
  PRIMARY KEY (claim, value, entity, kind, dot, field)
) WITHOUT ROWID;

-- Values that lost to one whose author had not seen them.
CREATE TABLE loser (
  entity BLOB NOT NULL,
  kind INTEGER NOT NULL,
  dot BLOB NOT NULL,
  field INTEGER NOT NULL,
  time INTEGER NOT NULL,
  site INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  value BLOB NOT NULL,
  winner BLOB NOT NULL,
  PRIMARY KEY (entity, kind, dot, field, time, site, incarnation)
) WITHOUT ROWID;

-- Who gave a stamp: one row for each record.
CREATE TABLE author (
  time INTEGER NOT NULL,
  site INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  shop INTEGER NOT NULL,
  PRIMARY KEY (time, site, incarnation)
) WITHOUT ROWID;

-- Sums of entries, kept in the transaction that adds the entry; holder is empty for the balance itself.
CREATE TABLE balance (
  account BLOB NOT NULL,
  book INTEGER NOT NULL,
  holder BLOB NOT NULL,
  amount INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (account, book, holder)
) WITHOUT ROWID;

-- Own records until a backup of the hub holds them. sealed: has its stamp and position.
-- waiting: bits of the reaches in which the hub's echo has not come yet; after it, where it stood in those feeds.
CREATE TABLE change (
  ordinal INTEGER PRIMARY KEY,
  boot BLOB NOT NULL,
  n INTEGER NOT NULL,
  header BLOB NOT NULL,
  slots BLOB NOT NULL,
  saved_ms INTEGER NOT NULL,
  sealed INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  waiting INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL DEFAULT 0,
  shop_offset INTEGER NOT NULL DEFAULT 0,
  site_offset INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX change_record ON change (boot, n);
CREATE INDEX change_position ON change (incarnation, seq);
CREATE INDEX change_open ON change (saved_ms) WHERE sealed = 0;
CREATE INDEX change_waiting ON change (waiting) WHERE waiting != 0;

-- How far this replica stands in each feed.
CREATE TABLE cursor (
  reach INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  chain BLOB NOT NULL,
  proved_offset INTEGER NOT NULL DEFAULT 0,
  proved_ms INTEGER NOT NULL DEFAULT 0
);

-- Operations of kinds that a newer version will know.
CREATE TABLE parked (
  reach INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  header BLOB NOT NULL,
  op BLOB NOT NULL,
  PRIMARY KEY (reach, feed_offset, slot)
) WITHOUT ROWID;

-- What was set aside, with its reason; nothing that follows waits for it.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload BLOB NOT NULL
);

-- Full text: one row a customer, rowid = the id as a signed integer.
CREATE VIRTUAL TABLE search USING fts5(
  words, content='', columnsize=0, detail=none, prefix='1 2 3', tokenize="ascii"
);
-- Distinct words with the number of customers who have them; any part of a word is found here first.
CREATE TABLE word (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE word_part USING fts5(text, content='', contentless_delete=1, detail=none, tokenize="trigram");
CREATE VIRTUAL TABLE search_words USING fts5vocab(search, row);

-- The hub's side. feed: what it ordered, by scope and offset.
CREATE TABLE feed (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  header BLOB NOT NULL,
  slots BLOB NOT NULL,
  chain BLOB NOT NULL,
  ordered_ms INTEGER NOT NULL,
  PRIMARY KEY (reach, number, feed_offset)
) WITHOUT ROWID;
CREATE TABLE feed_head (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  chain BLOB NOT NULL,
  backed_up INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (reach, number)
) WITHOUT ROWID;
-- Where each generation of a feed began to differ from the one before.
CREATE TABLE fork (
  reach INTEGER NOT NULL,
  number INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  feed_offset INTEGER NOT NULL,
  PRIMARY KEY (reach, number, generation)
) WITHOUT ROWID;
-- Last position of each origin, and the last record of each boot: what makes a resend harmless.
CREATE TABLE origin_head (
  site INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  heard_ms INTEGER NOT NULL,
  PRIMARY KEY (site, incarnation)
) WITHOUT ROWID;
CREATE TABLE boot_head (
  site INTEGER NOT NULL,
  boot BLOB NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (site, boot)
) WITHOUT ROWID;
-- What the hub last heard of each till.
CREATE TABLE roster (
  site INTEGER PRIMARY KEY,
  online INTEGER NOT NULL DEFAULT 0,
  heard_ms INTEGER NOT NULL DEFAULT 0,
  clock_ahead_ms INTEGER NOT NULL DEFAULT 0,
  version TEXT NOT NULL DEFAULT '',
  feed_offset INTEGER NOT NULL DEFAULT 0,
  waiting INTEGER NOT NULL DEFAULT 0,
  report BLOB NOT NULL DEFAULT x''
);
