-- Which held tickets were put into the basket of a visit: posting it sells those, and no other that head office has awarded
-- to its sale while the answer went lost.
CREATE TABLE visit_ticket (
  visit BLOB NOT NULL,
  ticket BLOB NOT NULL,
  PRIMARY KEY (visit, ticket)
) WITHOUT ROWID;
INSERT OR IGNORE INTO visit_ticket (visit, ticket)
  SELECT v.id, s.ticket FROM visit AS v JOIN ticket_step AS s ON s.sale != x'' AND lower(hex(s.sale)) = v.sale
  WHERE v.state = 'open' AND v.basket != x'';
