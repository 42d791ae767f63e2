-- Rooms that were deleted and still hold messages, which are removed a few at a time (kind 'gone').
CREATE INDEX rooms_gone ON rooms (id) WHERE kind = 'gone';
