-- By what an account, or the last message taken of a room, is known again: ids alone are the same on every site. Null: taken before there were marks.
ALTER TABLE imports ADD COLUMN mark TEXT;
