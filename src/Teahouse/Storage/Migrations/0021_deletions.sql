-- When an account is deleted by its owner's wish, unless they sign in before, and what becomes of what they wrote then.
ALTER TABLE users ADD COLUMN deletes_at BIGINT;
ALTER TABLE users ADD COLUMN deletes_messages TEXT;
CREATE INDEX users_deletes ON users (deletes_at) WHERE deletes_at IS NOT NULL;
