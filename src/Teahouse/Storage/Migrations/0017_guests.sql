-- Guests as they were last seen, so that one can be kept out: their cookie holds the rest. Forgotten some time after they were here.
CREATE TABLE guests (
    id           TEXT NOT NULL PRIMARY KEY,
    nickname     TEXT NOT NULL,
    -- An IPv4 address, or the /64 network of an IPv6 one.
    address      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);
CREATE INDEX guests_seen ON guests (last_seen_at, id);

-- Guests who may not come in: by their cookie, by their address, or by either.
CREATE TABLE guest_bans (
    id        {{id}},
    -- Null: nowhere on the site.
    room_id   BIGINT REFERENCES rooms (id) ON DELETE CASCADE,
    guest_id  TEXT NOT NULL,
    -- Null: by the cookie alone.
    address   TEXT,
    nickname  TEXT NOT NULL,
    banned_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    banned_at BIGINT NOT NULL
);
CREATE INDEX guest_bans_room ON guest_bans (room_id);
CREATE INDEX guest_bans_guest ON guest_bans (guest_id);
CREATE INDEX guest_bans_address ON guest_bans (address) WHERE address IS NOT NULL;
