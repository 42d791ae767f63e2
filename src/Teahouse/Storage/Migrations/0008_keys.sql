-- The keys that sign and encrypt cookies, where several machines share them; on SQLite they are files.
CREATE TABLE data_protection_keys (
    name       TEXT NOT NULL PRIMARY KEY,
    xml        TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
