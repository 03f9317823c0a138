-- Held tickets in the order in which people look for them, and the steps of each; derived from the elements in the
-- transaction that brings them. owner: a customer, or an id of the ticket's own; live: it is held, or to be settled.
CREATE TABLE held_ticket (
  ticket BLOB NOT NULL,
  owner BLOB NOT NULL,
  shop INTEGER NOT NULL,
  live INTEGER NOT NULL,
  written_ms INTEGER NOT NULL,
  PRIMARY KEY (ticket, owner)
) WITHOUT ROWID;
CREATE INDEX held_ticket_live ON held_ticket (shop, written_ms) WHERE live = 1;

-- sale: the one that a step says to have taken the ticket over, else empty.
CREATE TABLE ticket_step (
  ticket BLOB NOT NULL,
  owner BLOB NOT NULL,
  dot BLOB NOT NULL,
  sale BLOB NOT NULL,
  PRIMARY KEY (ticket, owner, dot)
) WITHOUT ROWID;
CREATE INDEX ticket_step_of_sale ON ticket_step (sale) WHERE sale != x'';
