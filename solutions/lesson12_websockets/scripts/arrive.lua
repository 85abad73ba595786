-- Write down that a connection hears a topic, and announce its user when none of theirs did before.
-- KEYS: the topic's connections on this process, the topics of this process, all processes, the events of all topics
-- ARGV: topic, process, connection, user, the announcement as JSON, how many events are kept
local function is_there()
  for _, process in ipairs(redis.call("SMEMBERS", KEYS[3])) do
    for _, user in ipairs(redis.call("HVALS", "chat:here:" .. ARGV[1] .. ":" .. process)) do
      if user == ARGV[4] then
        return true
      end
    end
  end
  return false
end

local was_there = is_there()
redis.call("SADD", KEYS[3], ARGV[2])
redis.call("SADD", KEYS[2], ARGV[1])
redis.call("HSET", KEYS[1], ARGV[3], ARGV[4])
if not was_there then
  redis.call("XADD", KEYS[4], "MAXLEN", "~", ARGV[6], "*", "event", "userJoined", "data", ARGV[5], "except", ARGV[4])
end
