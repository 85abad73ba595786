-- Put an entry where it belongs.
-- KEYS: the entry, its lease
-- ARGV: the caller's token, the content, its milliseconds
-- starter:
-- --8<-- [start:race]
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
-- --8<-- [end:race]
-- --8<-- [start:read-through]
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
-- --8<-- [end:read-through]
redis.call('DEL', KEYS[2])
return 1
