-- A session either outlives the browser ("remember me") or ends with it.
ALTER TABLE sessions ADD COLUMN is_persistent BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX sessions_expiry ON sessions (expires_at);
