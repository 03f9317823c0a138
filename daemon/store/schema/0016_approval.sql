-- What a second person has approved, until it is used: under the hash of a token that was told once.
CREATE TABLE approval (
    token BLOB PRIMARY KEY,
    asked_by TEXT NOT NULL,
    act TEXT NOT NULL,
    amount INTEGER NOT NULL,
    approver TEXT NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
