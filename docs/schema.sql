-- What the migrations make on SQLite. Written by a test (Storage/SchemaTests); do not edit.

CREATE TABLE account_links (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
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

CREATE INDEX account_links_expiry ON account_links (expires_at);

CREATE INDEX account_links_user ON account_links (user_id);

CREATE TABLE audit_log (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL
, address TEXT NOT NULL DEFAULT '', old_value TEXT, new_value TEXT);

CREATE INDEX audit_log_action ON audit_log (action, id);

CREATE INDEX audit_log_actor ON audit_log (actor, id);

CREATE INDEX audit_log_target ON audit_log (target, id);

CREATE TABLE bans (
    room_id   BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    banned_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    banned_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

CREATE INDEX bans_user ON bans (user_id);

CREATE TABLE data_export_parts (
    export_id BIGINT NOT NULL REFERENCES data_exports (id) ON DELETE CASCADE,
    part      BIGINT NOT NULL,
    content   TEXT NOT NULL,
    PRIMARY KEY (export_id, part)
);

CREATE TABLE data_exports (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      BIGINT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    requested_at BIGINT NOT NULL,
    -- Null while it is being made; who makes it puts off due_at with each piece.
    ready_at     BIGINT,
    due_at       BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE INDEX data_exports_due ON data_exports (due_at);

CREATE TABLE data_protection_keys (
    name       TEXT NOT NULL PRIMARY KEY,
    xml        TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE deleted_rooms (
    name_key TEXT NOT NULL PRIMARY KEY,
    next_rev BIGINT NOT NULL
);

CREATE TABLE google_calls (
    account TEXT NOT NULL,
    slot    BIGINT NOT NULL,
    -- From when on it may be taken again, by the database's clock.
    free_at BIGINT NOT NULL,
    PRIMARY KEY (account, slot)
);

CREATE TABLE guest_bans (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Null: nowhere on the site.
    room_id   BIGINT REFERENCES rooms (id) ON DELETE CASCADE,
    guest_id  TEXT NOT NULL,
    -- Null: by the cookie alone.
    address   TEXT,
    nickname  TEXT NOT NULL,
    banned_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    banned_at BIGINT NOT NULL
);

CREATE INDEX guest_bans_address ON guest_bans (address) WHERE address IS NOT NULL;

CREATE INDEX guest_bans_guest ON guest_bans (guest_id);

CREATE INDEX guest_bans_room ON guest_bans (room_id);

CREATE TABLE guests (
    id           TEXT NOT NULL PRIMARY KEY,
    nickname     TEXT NOT NULL,
    -- An IPv4 address, or the /64 network of an IPv6 one.
    address      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

CREATE INDEX guests_seen ON guests (last_seen_at, id);

CREATE TABLE hooks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the secret in the address.
    secret_hash  TEXT NOT NULL UNIQUE,
    room_id      BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    created_by   BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);

CREATE INDEX hooks_room ON hooks (room_id);

CREATE TABLE imports (
    -- Which site it was: a fingerprint of its database.
    source  TEXT NOT NULL,
    -- user, project, room, chat
    kind    TEXT NOT NULL,
    -- Its id there; of a room that had none, its name.
    old_key TEXT NOT NULL,
    -- Its id here. What was deleted here since is not brought back.
    new_id  BIGINT NOT NULL,
    -- Of rooms and chats: the highest id of a message that was looked at.
    last_id BIGINT NOT NULL DEFAULT 0, mark TEXT,
    PRIMARY KEY (source, kind, old_key)
);

CREATE TABLE invites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash TEXT NOT NULL UNIQUE,
    created_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by    BIGINT REFERENCES users (id) ON DELETE SET NULL,
    used_at    BIGINT
);

CREATE TABLE job_runs (
    name       TEXT NOT NULL PRIMARY KEY,
    cron       TEXT NOT NULL,
    started_at BIGINT,
    -- Null while it runs.
    ended_at   BIGINT,
    -- done, put_off, failed
    outcome    TEXT,
    error      TEXT,
    node       TEXT
);

CREATE TABLE mails (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    -- What the letter is written from: JSON, encrypted with the program's keys, for it tells who has which address.
    content    TEXT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    due_at     BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX mails_due ON mails (due_at, id);

CREATE TABLE memberships (
    room_id        BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id        BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role           TEXT NOT NULL,
    last_read_seq  BIGINT NOT NULL DEFAULT 0,
    -- The member's own messages after last_read_seq: unread = last_seq - last_read_seq - own_after_read, without a count.
    own_after_read BIGINT NOT NULL DEFAULT 0,
    joined_at      BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

CREATE INDEX memberships_user ON memberships (user_id, room_id);

CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id     BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    rev         BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    user_id     BIGINT REFERENCES users (id) ON DELETE SET NULL,
    -- Whom a nonce belongs to: u:<user id>, g:<guest id>; null for visitors without any identity and for the system.
    author_key  TEXT,
    author_name TEXT NOT NULL,
    is_guest    BOOLEAN NOT NULL DEFAULT FALSE,
    nonce       TEXT,
    text        TEXT NOT NULL,
    event       TEXT,
    created_at  BIGINT NOT NULL,
    edited_at   BIGINT,
    deleted_at  BIGINT, bot_name TEXT, first_rev BIGINT,
    UNIQUE (room_id, seq)
);

CREATE INDEX messages_changed ON messages (room_id, rev) WHERE edited_at IS NOT NULL OR deleted_at IS NOT NULL;

CREATE UNIQUE INDEX messages_nonce ON messages (room_id, author_key, nonce) WHERE nonce IS NOT NULL;

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE notices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE project_chats (
    room_id    BIGINT NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- Null when the account was deleted.
    visitor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (project_id, visitor_id)
);

CREATE INDEX project_chats_visitor ON project_chats (visitor_id);

CREATE TABLE projects (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The URL key: lower-case ASCII, the same for ever.
    slug        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Slug, title and description case-folded: what the search box looks through.
    search_key  TEXT NOT NULL,
    -- Null when the account was deleted: an administrator may give the project to somebody.
    owner_id    BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX projects_owner ON projects (owner_id, id);

CREATE TABLE rooms (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    -- Case-folded NFC form: names are unique without regard to case.
    name_key        TEXT NOT NULL UNIQUE,
    title           TEXT NOT NULL,
    topic           TEXT NOT NULL,
    access          TEXT NOT NULL,
    owner_id        BIGINT REFERENCES users (id) ON DELETE SET NULL,
    rev             BIGINT NOT NULL DEFAULT 0,
    last_seq        BIGINT NOT NULL DEFAULT 0,
    last_message_at BIGINT,
    created_at      BIGINT NOT NULL,
    archived_at     BIGINT
, search_key TEXT NOT NULL DEFAULT '', path TEXT, retention_days BIGINT, retained_after BIGINT NOT NULL DEFAULT 0);

CREATE INDEX rooms_gone ON rooms (id) WHERE kind = 'gone';

CREATE TABLE schema_migrations (
    name       TEXT NOT NULL PRIMARY KEY,
    checksum   TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of the key in the cookie, so that a copy of the database signs nobody in.
    key_hash     TEXT NOT NULL UNIQUE,
    user_id      BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    user_agent   TEXT NOT NULL
, is_persistent BOOLEAN NOT NULL DEFAULT FALSE, network TEXT);

CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE sheet_errands (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Null: about the server's own key.
    sink_id     BIGINT REFERENCES sinks (id) ON DELETE CASCADE,
    -- Until when a worker has it in hand.
    taken_until BIGINT NOT NULL DEFAULT 0,
    -- As JSON; null: not answered yet.
    answer      TEXT,
    created_at  BIGINT NOT NULL
);

CREATE TABLE sinks (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    -- 'settings' for the one that GOOGLE_* describe; null for one made by a person.
    origin          TEXT UNIQUE,
    -- Whose messages are wanted; both null: all rooms', or what the kind knows.
    room_id         BIGINT REFERENCES rooms (id) ON DELETE CASCADE,
    project_id      BIGINT REFERENCES projects (id) ON DELETE CASCADE,
    -- The kind's own, as JSON; secrets in it are encrypted with the program's keys.
    config          TEXT NOT NULL,
    -- What the kind remembers between two turns, as JSON.
    progress        TEXT,
    -- messages.id up to which everything is delivered.
    cursor_id       BIGINT NOT NULL,
    -- running, waiting, paused
    state           TEXT NOT NULL,
    reason          TEXT,
    wait_until      BIGINT,
    -- When the kind wants a turn though nothing new was said.
    due_at          BIGINT,
    attempts        BIGINT NOT NULL DEFAULT 0,
    failing_since   BIGINT,
    -- The one process that serves it, until when by the database's clock.
    lease_owner     TEXT,
    lease_until     BIGINT,
    delivered       BIGINT NOT NULL DEFAULT 0,
    last_success_at BIGINT,
    last_error      TEXT,
    last_error_at   BIGINT,
    created_by      BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at      BIGINT NOT NULL
);

CREATE INDEX sinks_project ON sinks (project_id);

CREATE INDEX sinks_room ON sinks (room_id);

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
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

CREATE TABLE users (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    username          TEXT NOT NULL,
    -- Case-folded NFKC form: names are unique without regard to case.
    username_key      TEXT NOT NULL UNIQUE,
    -- Confusable skeleton of the name: what guests' nicknames are compared with.
    username_skeleton TEXT NOT NULL,
    display_name      TEXT NOT NULL,
    password_hash     TEXT,
    security_stamp    TEXT NOT NULL,
    is_admin          BOOLEAN NOT NULL DEFAULT FALSE,
    language          TEXT,
    time_zone         TEXT,
    created_at        BIGINT NOT NULL,
    disabled_at       BIGINT
, email TEXT, email_key TEXT, enter_breaks BOOLEAN NOT NULL DEFAULT FALSE, deletes_at BIGINT, deletes_messages TEXT, avatar_colour BIGINT CHECK (avatar_colour BETWEEN 0 AND 9), notify_of TEXT NOT NULL DEFAULT 'all' CHECK (notify_of IN ('all', 'mentions', 'none')), notify_sound BOOLEAN NOT NULL DEFAULT FALSE);

CREATE INDEX users_admins ON users (id) WHERE is_admin;

CREATE INDEX users_deletes ON users (deletes_at) WHERE deletes_at IS NOT NULL;

CREATE INDEX users_email ON users (email_key) WHERE email_key IS NOT NULL;

CREATE INDEX users_skeleton ON users (username_skeleton);

CREATE TABLE webhook_deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    -- Null for a test.
    message_id BIGINT,
    room       TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    attempt    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    took_ms    BIGINT NOT NULL,
    status     BIGINT,
    error      TEXT,
    answer     TEXT NOT NULL
);

CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);

CREATE TABLE webhook_errands (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id  BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    -- The messages still to be sent, by their ids; both 0 for a test.
    next_id     BIGINT NOT NULL,
    last_id     BIGINT NOT NULL,
    failures    BIGINT NOT NULL DEFAULT 0,
    -- Not before this time: somebody has it in hand, or it failed a moment ago.
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE INDEX webhook_errands_due ON webhook_errands (due_at);

CREATE INDEX webhook_errands_webhook ON webhook_errands (webhook_id);

CREATE TABLE webhook_rooms (
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (webhook_id, room_id)
);

CREATE INDEX webhook_rooms_room ON webhook_rooms (room_id);

CREATE TABLE webhooks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    -- Encrypted with the program's keys: deliveries are signed with it.
    secret     TEXT NOT NULL,
    created_at BIGINT NOT NULL
, previous_secret TEXT, previous_until BIGINT, sink_id BIGINT);

CREATE INDEX webhooks_sink ON webhooks (sink_id);

CREATE INDEX webhooks_user ON webhooks (user_id);
