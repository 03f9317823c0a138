-- What tills have told of tries at a PIN and of refusals is found by its moment, the latest first, without reading all.
INSERT OR IGNORE INTO lookup (claim, value, entity, kind, dot, field)
  SELECT 101, tried_at_in(body), entity, kind, dot, 2 FROM element WHERE kind = 14 AND tried_at_in(body) IS NOT NULL;
DROP INDEX element_of_tries;
