-- Keep a message and have it delivered; all of it happens, or nothing. Returns the message's id.
-- KEYS: what was sent under this client id, the topic's history, the events of all topics
-- ARGV: the message as JSON, how many messages and events are kept, for how many seconds a client id is remembered
-- TODO history: Nothing lost, nothing twice
-- In "0-*" Redis counts the second part up: 0-1, 0-2, 0-3.
local entry = redis.call("XADD", KEYS[2], "MAXLEN", ARGV[2], "0-*", "message", ARGV[1])
local id = string.match(entry, "%d+$")
-- TODO history: Nothing lost, nothing twice
redis.call("XADD", KEYS[3], "MAXLEN", "~", ARGV[3], "*", "event", "chatMessage", "data", ARGV[1], "id", id)
return id
