-- When each scheduled work is due and how it went last, whichever of the site's processes did it.
CREATE TABLE job_runs (
    name       TEXT NOT NULL PRIMARY KEY,
    cron       TEXT NOT NULL,
    started_at BIGINT,
    -- Null while it runs.
    ended_at   BIGINT,
    -- done, put_off, failed
    outcome    TEXT,
    error      TEXT,
    node       TEXT
);
