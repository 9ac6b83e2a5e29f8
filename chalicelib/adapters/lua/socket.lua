-- Which member a socket is of which group, as fields of a hash.
-- KEYS: the socket. ARGV: put, milliseconds to live, group, member, … ('' for none) | take.
-- Returns {group, member, …} as they were before: of the groups named, or (take) of all of them.
local key = KEYS[1]
if ARGV[1] == 'take' then
  local all = redis.call('HGETALL', key)
  redis.call('DEL', key)
  return all
end

local before = {}
for i = 3, #ARGV, 2 do
  local group, member = ARGV[i], ARGV[i + 1]
  table.insert(before, group)
  table.insert(before, redis.call('HGET', key, group) or '')
  if member == '' then
    redis.call('HDEL', key, group)
  else
    redis.call('HSET', key, group, member)
  end
end
redis.call('PEXPIRE', key, ARGV[2])
return before
