-- Forget that a connection hears a topic, and announce that its user is gone when it was their last.
-- KEYS and ARGV: as for arrive.lua
if redis.call("HDEL", KEYS[1], ARGV[3]) == 0 then
  return
end
for _, process in ipairs(redis.call("SMEMBERS", KEYS[3])) do
  for _, user in ipairs(redis.call("HVALS", "chat:here:" .. ARGV[1] .. ":" .. process)) do
    if user == ARGV[4] then
      return
    end
  end
end
redis.call("XADD", KEYS[4], "MAXLEN", "~", ARGV[6], "*", "event", "userLeft", "data", ARGV[5], "except", ARGV[4])
