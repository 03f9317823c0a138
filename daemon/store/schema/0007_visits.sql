-- Closed visits are forgotten by age, without reading through their baskets.
CREATE INDEX visit_age ON visit (changed_ms) WHERE state != 'open';
