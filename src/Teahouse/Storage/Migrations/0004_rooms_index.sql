-- Nothing reads by it, and every message would have to move its room in it.
DROP INDEX rooms_access;
