-- What sales have brought to a book is a sum of its own: thresholds are held against it, not against every entry.
INSERT INTO balance (account, book, holder, amount, entries)
  SELECT entity, earned_book_in(body), x'', sum(earned_in(body)), count(*) FROM element
  WHERE kind = 16 AND earned_in(body) <> 0 GROUP BY entity, earned_book_in(body);
-- Accounts that have points, for whoever looks for what expires.
CREATE INDEX balance_points ON balance (account) WHERE book = 1 AND holder = x'' AND amount > 0;
-- Head office: the process that does not wait for this till any more, because it has been silent for too long.
ALTER TABLE roster ADD COLUMN excused_boot BLOB NOT NULL DEFAULT x'';
-- A coupon is handed to where its customer buys.
INSERT OR IGNORE INTO account_owner (account, customer)
  SELECT coupon_account_in(body), entity FROM element WHERE kind = 12 AND coupon_account_in(body) IS NOT NULL;
