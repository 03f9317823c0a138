-- Head office: books of which it asked holders to return something, for what it has in mind: until then nothing of them is
-- handed out.
CREATE TABLE held_back (
  account BLOB NOT NULL,
  book INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (account, book)
) WITHOUT ROWID;
