-- Where the chain's feed stood when a till was last heard: how late it was then.
ALTER TABLE roster ADD COLUMN head_offset INTEGER NOT NULL DEFAULT 0;
