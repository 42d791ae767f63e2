-- PostgreSQL would look for the room again with every message, which costs as much as storing it; whoever stores a message has locked its room. A room's messages go with it as before.
{{postgres}}
ALTER TABLE messages DROP CONSTRAINT messages_room_id_fkey;
CREATE FUNCTION delete_messages_of_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM messages WHERE room_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER rooms_messages AFTER DELETE ON rooms FOR EACH ROW EXECUTE FUNCTION delete_messages_of_room();
{{/postgres}}
