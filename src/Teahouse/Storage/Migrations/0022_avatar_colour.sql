-- The avatar colour a user chose; null: that of the name.
ALTER TABLE users ADD COLUMN avatar_colour BIGINT CHECK (avatar_colour BETWEEN 0 AND 9);
