-- Held tickets of all shops by age, for head office, which forgets what is in them.
CREATE INDEX held_ticket_written ON held_ticket (written_ms, ticket, owner);
