-- Look for an entry. Where there is none, one caller at a time gets a lease: leave to fetch it, and to put it here.
-- KEYS: the entry, its lease, the epoch
-- ARGV: the caller's token, the lease's milliseconds, the longest entry in bytes, a content that the caller cannot use
local epoch = redis.call('GET', KEYS[3]) or ''
-- starter: local entry = redis.call('GET', KEYS[1]) or ''
-- --8<-- [start:garbage]
local entry = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[3])
if type(entry) ~= 'string' then
  entry = ''
end
-- --8<-- [end:garbage]
if entry ~= '' and entry ~= ARGV[4] then
  return {'entry', entry, epoch}
end
-- starter:
-- --8<-- [start:stampede]
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return {'wait', '', epoch}
end
-- --8<-- [end:stampede]
return {'lease', '', epoch}
