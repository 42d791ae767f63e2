-- For how many days a room keeps what was said; null: as long as the site does.
ALTER TABLE rooms ADD COLUMN retention_days BIGINT;
-- The number up to which everything was looked at and removed.
ALTER TABLE rooms ADD COLUMN retained_after BIGINT NOT NULL DEFAULT 0;
