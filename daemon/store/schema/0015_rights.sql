-- What the customer of a visit has chosen to spend: kept for them until the sale is posted or the visit cancelled.
-- beyond: what of it this till holds no rights to; by: whose word that rests on.
CREATE TABLE reservation (
  visit BLOB NOT NULL,
  account BLOB NOT NULL,
  book INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  beyond INTEGER NOT NULL DEFAULT 0,
  by TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (visit, account, book)
) WITHOUT ROWID;
CREATE INDEX reservation_of_account ON reservation (account, book);
-- Under which holder a visit's sale id was issued: only that one may create the rights that the sale earns.
CREATE TABLE visit_holder (
  visit BLOB PRIMARY KEY,
  lot BLOB NOT NULL
) WITHOUT ROWID;
-- Head office: where accounts earn. Of each sale a site has 1000, of all before it an eighth less.
CREATE TABLE habit (
  account BLOB NOT NULL,
  site INTEGER NOT NULL,
  score INTEGER NOT NULL,
  PRIMARY KEY (account, site)
) WITHOUT ROWID;
CREATE INDEX site_of_shop ON site (shop);
-- The holder of rights at each till as it last greeted; the process of head office to which it has reported all it has.
ALTER TABLE roster ADD COLUMN lot BLOB NOT NULL DEFAULT x'';
ALTER TABLE roster ADD COLUMN told_boot BLOB NOT NULL DEFAULT x'';
-- Head office: what sales have earned that were posted by another till than the one whose visit issued them, while nobody
-- could say under which holder that one is. It is that till's.
CREATE TABLE unclaimed (
  account BLOB NOT NULL,
  fact BLOB NOT NULL,
  book INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  cause TEXT NOT NULL,
  site INTEGER NOT NULL,
  PRIMARY KEY (account, fact)
) WITHOUT ROWID;
