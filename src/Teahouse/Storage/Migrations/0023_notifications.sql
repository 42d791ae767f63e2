-- What a user is notified of, in every browser, and whether it is heard.
ALTER TABLE users ADD COLUMN notify_of TEXT NOT NULL DEFAULT 'all' CHECK (notify_of IN ('all', 'mentions', 'none'));
ALTER TABLE users ADD COLUMN notify_sound BOOLEAN NOT NULL DEFAULT FALSE;
