-- Look for an entry. Where there is none, one caller at a time gets a lease: leave to fetch it, and to put it here.
-- KEYS: the entry, its lease, the epoch
-- ARGV: the caller's token, the lease's milliseconds, the longest entry in bytes, a content that the caller cannot use
local epoch = redis.call('GET', KEYS[3]) or ''
-- TODO garbage: Believe nothing that you read
local entry = redis.call('GET', KEYS[1]) or ''
if entry ~= '' and entry ~= ARGV[4] then
  return {'entry', entry, epoch}
end
-- TODO stampede: A hundred ask, one goes
return {'lease', '', epoch}
