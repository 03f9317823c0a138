-- Head office: books on which it has booked something itself, still to be looked at for what no one holds.
CREATE TABLE funded (
  account BLOB NOT NULL,
  book INTEGER NOT NULL,
  PRIMARY KEY (account, book)
) WITHOUT ROWID;
