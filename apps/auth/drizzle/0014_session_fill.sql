-- A sign-out everywhere changes all sessions of a page at once: with half of it free, none of them moves, and no index is
-- written. Thousands of sessions then end in a fifth of the time, in which an embedded database does nothing else.
ALTER TABLE "auth"."sessions" SET (fillfactor = 50);
