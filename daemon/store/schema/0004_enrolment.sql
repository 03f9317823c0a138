-- Who may connect: kept by the hub, empty on a till. Times are Unix milliseconds. No table here holds a person.

CREATE TABLE shop (
  shop INTEGER PRIMARY KEY,
  name TEXT NOT NULL
);

-- One row for each till that was ever enrolled: a number is never given twice.
CREATE TABLE site (
  site INTEGER PRIMARY KEY,
  shop INTEGER NOT NULL REFERENCES shop (shop),
  enrolled_ms INTEGER NOT NULL,
  revoked_ms INTEGER
);

-- What was signed for a site; serial in lower-case hexadecimal, key_digest is SHA-256 of the public key.
CREATE TABLE certificate (
  serial TEXT PRIMARY KEY,
  site INTEGER NOT NULL REFERENCES site (site),
  key_digest BLOB NOT NULL,
  pem BLOB NOT NULL,
  not_after_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX certificate_of_site ON certificate (site, not_after_ms);

-- The certificates that the revocation list names.
CREATE TABLE revoked (
  serial TEXT PRIMARY KEY REFERENCES certificate (serial),
  revoked_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- One-use codes, of which only SHA-256 of the secret half is kept; site and key_digest once it was used.
CREATE TABLE enrolment_code (
  secret_digest BLOB PRIMARY KEY,
  shop INTEGER NOT NULL REFERENCES shop (shop),
  expires_ms INTEGER NOT NULL,
  site INTEGER REFERENCES site (site),
  key_digest BLOB
) WITHOUT ROWID;
