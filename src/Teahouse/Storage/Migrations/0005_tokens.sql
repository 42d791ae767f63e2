-- API tokens: how programs sign in.
CREATE TABLE tokens (
    id           {{id}},
    -- SHA-256 of the token, so that a copy of the database signs nobody in.
    token_hash   TEXT NOT NULL UNIQUE,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    -- The name its messages go by; null for its owner's.
    bot_name     TEXT,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at   BIGINT
);
CREATE INDEX tokens_user ON tokens (user_id);

-- A program wrote it: the name it went by, empty for its account's own. Null: a person did.
ALTER TABLE messages ADD COLUMN bot_name TEXT;
