-- Where mail reaches an account. Not unique: imported accounts may share an address.
ALTER TABLE users ADD COLUMN email TEXT;
-- Case-folded: what addresses are found by.
ALTER TABLE users ADD COLUMN email_key TEXT;
CREATE INDEX users_email ON users (email_key) WHERE email_key IS NOT NULL;
