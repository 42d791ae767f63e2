-- What a site shows, and whose owner its visitors may talk to.
CREATE TABLE projects (
    id          {{id}},
    -- The URL key: lower-case ASCII, the same for ever.
    slug        TEXT NOT NULL UNIQUE,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Slug, title and description case-folded: what the search box looks through.
    search_key  TEXT NOT NULL,
    -- Null when the account was deleted: an administrator may give the project to somebody.
    owner_id    BIGINT REFERENCES users (id) ON DELETE SET NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX projects_owner ON projects (owner_id, id);

-- The page of a room that is not under /room/; null for all others.
ALTER TABLE rooms ADD COLUMN path TEXT;

-- Which rooms of kind 'project' are whose: one for each project and visitor.
CREATE TABLE project_chats (
    room_id    BIGINT NOT NULL PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- Null when the account was deleted.
    visitor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (project_id, visitor_id)
);
CREATE INDEX project_chats_visitor ON project_chats (visitor_id);
