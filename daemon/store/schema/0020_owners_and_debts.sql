-- The accounts of one customer: an erasure cuts them without looking at everybody's.
CREATE INDEX account_of_owner ON account_owner (customer);
-- What stands at risk or is due (books of debts, between all others and the months): few among millions of sums.
CREATE INDEX balance_debt ON balance (book, amount) WHERE holder = x'' AND book > 768 AND book < 1000000;
