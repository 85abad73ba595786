-- Count a request, unless the client has used up what it may ask in a window that ends now.
-- KEYS: the client's requests, a sorted set by time
-- ARGV: how many are allowed, the window in microseconds, a name for this request
-- Returns whether it is allowed, how many are left, and in how many microseconds the oldest leaves the window.
-- --8<-- [start:rate-limit]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local counted = redis.call('ZCARD', KEYS[1])
local allowed = 0
if counted < limit then
  allowed = 1
  counted = counted + 1
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
return {allowed, limit - counted, oldest + window - now}
-- --8<-- [end:rate-limit]
