-- The secret before the present one; receivers may know either until then.
ALTER TABLE webhooks ADD COLUMN previous_secret TEXT;
ALTER TABLE webhooks ADD COLUMN previous_until BIGINT;
-- What carries its messages; null only while it is being made.
ALTER TABLE webhooks ADD COLUMN sink_id BIGINT;
-- Failed tries in a row, and since when.
ALTER TABLE webhooks ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN failing_since BIGINT;
-- Why nothing is sent any more: gone (410), given_up; null while it is.
ALTER TABLE webhooks ADD COLUMN ended TEXT;
CREATE INDEX webhooks_sink ON webhooks (sink_id);

-- The latest tries of each webhook.
CREATE TABLE webhook_deliveries (
    id         {{id}},
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

-- What somebody asked to be sent beside the order of the log: tests, and messages once more.
CREATE TABLE webhook_errands (
    id          {{id}},
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
