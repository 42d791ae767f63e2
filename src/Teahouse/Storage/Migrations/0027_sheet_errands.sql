-- What a node that does not reach outwards asks of a worker: to test a sheet, or whose key file the server has.
CREATE TABLE sheet_errands (
    id          {{id}},
    -- Null: about the server's own key.
    sink_id     BIGINT REFERENCES sinks (id) ON DELETE CASCADE,
    -- Until when a worker has it in hand.
    taken_until BIGINT NOT NULL DEFAULT 0,
    -- As JSON; null: not answered yet.
    answer      TEXT,
    created_at  BIGINT NOT NULL
);
