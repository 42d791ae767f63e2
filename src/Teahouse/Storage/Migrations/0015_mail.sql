-- Letters that are to be written and sent; a row goes when the mail server has taken the letter.
CREATE TABLE mails (
    id         {{id}},
    kind       TEXT NOT NULL,
    -- What the letter is written from: JSON, encrypted with the program's keys, for it tells who has which address.
    content    TEXT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    due_at     BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX mails_due ON mails (due_at, id);

-- Links by which an account's owner proves to be that: a new password, a new address. Each works once.
CREATE TABLE account_links (
    id         {{id}},
    token_hash TEXT NOT NULL UNIQUE,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL,
    -- The address that it proves.
    value      TEXT,
    -- The letter it was made for: written anew, that replaces its own link.
    mail_id    BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX account_links_user ON account_links (user_id);
CREATE INDEX account_links_expiry ON account_links (expires_at);
