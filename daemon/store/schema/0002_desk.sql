-- What happens at the counter of this till; none of it is replicated.

-- Visits: one open one per lane. customer: the id, empty once erased. basket: the till software's own bytes.
CREATE TABLE visit (
  id BLOB PRIMARY KEY,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  customer BLOB NOT NULL,
  walk_in BLOB NOT NULL,
  basket BLOB NOT NULL,
  sale TEXT NOT NULL UNIQUE,
  opened_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX visit_of_lane ON visit (lane) WHERE state = 'open';
CREATE INDEX visit_of_customer ON visit (customer);

-- What was answered under an Idempotency-Key, kept 30 days. body: JSON, empty once its customer was erased.
CREATE TABLE answer (
  actor TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  answered_ms INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (actor, key)
) WITHOUT ROWID;
CREATE INDEX answer_age ON answer (answered_ms);

-- Sessions of operators, by the hash of their token.
CREATE TABLE session (
  token BLOB PRIMARY KEY,
  operator BLOB NOT NULL,
  opened_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_of_operator ON session (operator);

-- Tries of a PIN that were not followed by a right one.
CREATE TABLE pin_try (
  operator BLOB PRIMARY KEY,
  wrong INTEGER NOT NULL,
  last_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Programs that may call, by the hash of their token.
CREATE TABLE application (
  name TEXT PRIMARY KEY,
  token BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL,
  made_ms INTEGER NOT NULL
) WITHOUT ROWID;
