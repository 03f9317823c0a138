-- How the customer of an open visit has shown who they are: a card that was read (1), a PIN that was right (2), both (3).
CREATE TABLE visit_proof (
    visit BLOB PRIMARY KEY,
    customer BLOB NOT NULL,
    given INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_proof_of ON visit_proof (customer);
-- A try at a customer's PIN that was begun: where the process died before it was known, it counts as a wrong one.
CREATE TABLE pin_begun (
    customer BLOB PRIMARY KEY,
    begun_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What tills have told of tries and refusals: of few customers among all that are known.
CREATE INDEX element_of_tries ON element (kind) WHERE kind = 14;
