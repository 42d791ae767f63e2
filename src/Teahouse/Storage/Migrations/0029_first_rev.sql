-- The revision a message was made with, once it has been changed: whoever had not got it by then gets it anew. Null: never changed, or before this was noted.
ALTER TABLE messages ADD COLUMN first_rev BIGINT;
