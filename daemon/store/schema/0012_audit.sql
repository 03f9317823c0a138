-- Who did what on this machine. Each act is linked to the one before it (domain/audit.py).
CREATE TABLE audit (
    n INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor_kind INTEGER NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    shop INTEGER NOT NULL,
    what TEXT NOT NULL,
    about BLOB NOT NULL,
    boot BLOB,
    record INTEGER,
    link BLOB NOT NULL
) STRICT;

-- At head office: the links that a till has told, by number; and the first that it told otherwise later.
CREATE TABLE audit_witness (
    site INTEGER PRIMARY KEY,
    known BLOB NOT NULL,
    changed_at INTEGER
) STRICT;
