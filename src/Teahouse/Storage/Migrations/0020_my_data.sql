-- Enter breaks the line, and Ctrl + Enter sends.
ALTER TABLE users ADD COLUMN enter_breaks BOOLEAN NOT NULL DEFAULT FALSE;
-- From which network, roughly, somebody signed in: for their own eyes.
ALTER TABLE sessions ADD COLUMN network TEXT;

-- What a user asked to be given of everything that is kept about them.
CREATE TABLE data_exports (
    id           {{id}},
    user_id      BIGINT NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    requested_at BIGINT NOT NULL,
    -- Null while it is being made; who makes it puts off due_at with each piece.
    ready_at     BIGINT,
    due_at       BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX data_exports_due ON data_exports (due_at);
-- Its pieces, which one after the other are the file.
CREATE TABLE data_export_parts (
    export_id BIGINT NOT NULL REFERENCES data_exports (id) ON DELETE CASCADE,
    part      BIGINT NOT NULL,
    content   TEXT NOT NULL,
    PRIMARY KEY (export_id, part)
);
