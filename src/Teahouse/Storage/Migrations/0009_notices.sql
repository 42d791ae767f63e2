-- What every node that shares this database must act on: a sign-in that is over, somebody put out of a room. Kept for an hour.
CREATE TABLE notices (
    id         {{id}},
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
