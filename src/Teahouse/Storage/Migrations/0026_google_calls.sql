-- Google's limit is a service account's: each call takes a slot of its account's minute, whichever process makes it.
CREATE TABLE google_calls (
    account TEXT NOT NULL,
    slot    BIGINT NOT NULL,
    -- From when on it may be taken again, by the database's clock.
    free_at BIGINT NOT NULL,
    PRIMARY KEY (account, slot)
);
