-- How a webhook goes is kept with its sink.
ALTER TABLE webhooks DROP COLUMN failures;
ALTER TABLE webhooks DROP COLUMN failing_since;
ALTER TABLE webhooks DROP COLUMN ended;

-- Those registered before there was delivery begin with what is said from now on.
INSERT INTO sinks (kind, name, config, cursor_id, state, created_by, created_at)
SELECT 'webhook', 'webhook ' || id, '{"webhook":' || id || '}', (SELECT COALESCE(MAX(m.id), 0) FROM messages m), 'running', user_id, created_at
FROM webhooks
WHERE sink_id IS NULL;
UPDATE webhooks
SET sink_id = (SELECT s.id FROM sinks s WHERE s.kind = 'webhook' AND s.config = '{"webhook":' || webhooks.id || '}')
WHERE sink_id IS NULL;
