-- Incoming webhooks: addresses by which programs speak in one room.
CREATE TABLE hooks (
    id           {{id}},
    -- SHA-256 of the secret in the address.
    secret_hash  TEXT NOT NULL UNIQUE,
    room_id      BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    created_by   BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX hooks_room ON hooks (room_id);

-- Outgoing webhooks: where messages are to be sent.
CREATE TABLE webhooks (
    id         {{id}},
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    -- Encrypted with the program's keys: deliveries are signed with it.
    secret     TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_user ON webhooks (user_id);

CREATE TABLE webhook_rooms (
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    room_id    BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    PRIMARY KEY (webhook_id, room_id)
);
CREATE INDEX webhook_rooms_room ON webhook_rooms (room_id);
