-- PostgreSQL would look for the room again with every message, which costs as much as storing it. Whoever stores a message has locked its room, and whoever deletes a room deletes its messages.
{{postgres}} ALTER TABLE messages DROP CONSTRAINT messages_room_id_fkey;
