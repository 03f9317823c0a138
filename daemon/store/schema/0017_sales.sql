-- Sales in the order in which people look for them; derived from the entries in the transaction that brings them.
-- original: the sale that a return or a cancellation names, empty for a sale.
CREATE TABLE sale (
  account BLOB NOT NULL,
  sold_ms INTEGER NOT NULL,
  id BLOB NOT NULL,
  total INTEGER NOT NULL,
  shop INTEGER NOT NULL,
  ticket TEXT NOT NULL,
  original BLOB NOT NULL,
  PRIMARY KEY (account, sold_ms, id)
) WITHOUT ROWID;
CREATE INDEX sale_of_id ON sale (id);
CREATE INDEX sale_of_time ON sale (sold_ms);
CREATE INDEX sale_of_ticket ON sale (ticket) WHERE ticket != '';
CREATE INDEX sale_of_original ON sale (original) WHERE original != x'';

-- Which sales hold a product, where their lines are here: of this till's shop, at head office of all. product: its code
-- in the form in which codes are looked up.
CREATE TABLE sold_product (
  product TEXT NOT NULL,
  account BLOB NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (product, account, id)
) WITHOUT ROWID;

-- Whose an account is: entries name accounts only. Cut with the customer.
CREATE TABLE account_owner (
  account BLOB NOT NULL,
  customer BLOB NOT NULL,
  PRIMARY KEY (account, customer)
) WITHOUT ROWID;
INSERT OR IGNORE INTO account_owner (account, customer) SELECT account_in(body), entity FROM element WHERE kind = 1;
