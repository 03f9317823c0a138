-- everywhere: the whole chain holds the sale; 0: it is closed, its shop and head office hold their copies.
ALTER TABLE sale ADD COLUMN everywhere INTEGER NOT NULL DEFAULT 1;
CREATE INDEX sale_everywhere ON sale (account, sold_ms, id) WHERE everywhere = 1;
-- Whatever is remembered of a sale leads to the newest ones that fit, without walking through the others.
CREATE INDEX sale_of_amount ON sale (abs(total), sold_ms);
CREATE INDEX sale_of_shop ON sale (shop, sold_ms);
DROP INDEX sale_of_ticket;
CREATE INDEX sale_of_ticket ON sale (ticket, sold_ms) WHERE ticket != '';

ALTER TABLE sold_product RENAME TO sold_before;
CREATE TABLE sold_product (
  product TEXT NOT NULL,
  sold_ms INTEGER NOT NULL,
  account BLOB NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (product, sold_ms, account, id)
) WITHOUT ROWID;
INSERT INTO sold_product (product, sold_ms, account, id)
  SELECT p.product, s.sold_ms, p.account, p.id FROM sold_before p JOIN sale s ON s.account = p.account AND s.id = p.id;
DROP TABLE sold_before;

-- Sales of which more came back than was sold: two tills that did not hear of each other took the same back.
CREATE TABLE over_returned (
  sale BLOB NOT NULL PRIMARY KEY,
  sold_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX over_returned_of_time ON over_returned (sold_ms);
