-- Put an entry where it belongs.
-- KEYS: the entry, its lease
-- ARGV: the caller's token, the content, its milliseconds
-- TODO race: Do not put back what was changed
-- TODO read-through: Look in the cache first
redis.call('DEL', KEYS[2])
return 1
