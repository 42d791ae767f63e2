-- Outlets for messages: each reads the log in the order of messages.id from a durable cursor.
CREATE TABLE sinks (
    id              {{id}},
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
CREATE INDEX sinks_room ON sinks (room_id);
CREATE INDEX sinks_project ON sinks (project_id);
