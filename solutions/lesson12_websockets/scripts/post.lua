-- Keep a message and have it delivered; all of it happens, or nothing. Returns the message's id.
-- KEYS: what was sent under this client id, the topic's history, the events of all topics
-- ARGV: the message as JSON, how many messages and events are kept, for how many seconds a client id is remembered
-- starter:
-- --8<-- [start:history]
local known = redis.call("GET", KEYS[1])
if known then
  return known
end
-- --8<-- [end:history]
-- In "0-*" Redis counts the second part up: 0-1, 0-2, 0-3.
local entry = redis.call("XADD", KEYS[2], "MAXLEN", ARGV[2], "0-*", "message", ARGV[1])
local id = string.match(entry, "%d+$")
-- starter:
-- --8<-- [start:history]
redis.call("SET", KEYS[1], id, "EX", ARGV[4])
-- --8<-- [end:history]
redis.call("XADD", KEYS[3], "MAXLEN", "~", ARGV[3], "*", "event", "chatMessage", "data", ARGV[1], "id", id)
return id
