-- Who may not come back into a room. A banned account is never a member of it.
CREATE TABLE bans (
    room_id   BIGINT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id   BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    banned_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
    banned_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX bans_user ON bans (user_id);

-- Names of rooms that are gone, and the revision at which a new room of that name begins: far enough on that a reader of the old one sees
-- that it has missed too much, and forgets what it has.
CREATE TABLE deleted_rooms (
    name_key TEXT NOT NULL PRIMARY KEY,
    next_rev BIGINT NOT NULL
);

-- Name, title and topic case-folded: what the search box looks through. LOWER() knows only ASCII on SQLite.
ALTER TABLE rooms ADD COLUMN search_key TEXT NOT NULL DEFAULT '';
UPDATE rooms SET search_key = name_key || ' ' || LOWER(title) || ' ' || LOWER(topic);
