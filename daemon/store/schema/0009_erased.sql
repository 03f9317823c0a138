-- The erased are read at each start: by this, not by reading everybody.
CREATE INDEX element_erased ON element (entity) WHERE kind = 8;
