-- copied: the shop's copy of the sale is here as well. Only such sales can be closed, so that those of an earlier release,
-- which made no copies, are not walked through with each new one. Its own accounts have no sum of copies.
ALTER TABLE sale ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
UPDATE sale SET copied = 1
  WHERE account IN (SELECT account FROM balance WHERE book > 2000000 AND book < 3000000)
  AND EXISTS (SELECT 1 FROM element AS e WHERE e.entity = account AND e.kind = 74 AND e.dot = id AND copied_in(e.body));
DROP INDEX sale_everywhere;
CREATE INDEX sale_to_close ON sale (account, sold_ms, id) WHERE everywhere = 1 AND copied = 1;
