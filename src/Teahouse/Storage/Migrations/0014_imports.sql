-- What of older systems was taken already, so that importing again takes only what is new.
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
    last_id BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source, kind, old_key)
);
