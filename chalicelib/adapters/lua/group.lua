-- A group of members with sockets, as one sorted set with two kinds of entries:
--   `member`           score: how many sockets it has, above 0. Counting members is one ZCOUNT.
--   `member\nsocket`   score: minus the time it expires (ms), below 0. The expired ones are the highest of these.
-- KEYS: the group. ARGV: count | arrive, member, socket, most members, milliseconds to live | leave, member, socket.
local key, operation, member, socket = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local operations = {}

local function remove(entry, of)
  if redis.call('ZREM', key, entry) == 1 and tonumber(redis.call('ZINCRBY', key, -1, of)) <= 0 then
    redis.call('ZREM', key, of)
  end
end

-- A few at a time, so that nobody waits long for it; whoever comes next goes on.
local function forget_expired()
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', key, -now, '(0', 'LIMIT', 0, 500)) do
    remove(entry, string.match(entry, '^(.-)\n'))
  end
end

local function count()
  return redis.call('ZCOUNT', key, 1, '+inf')
end

-- 0: the group is full; 1: taken; 2: it had this place before.
function operations.arrive()
  local entry, life = member .. '\n' .. socket, tonumber(ARGV[5])
  local known = redis.call('ZSCORE', key, entry)
  if not known then
    if not redis.call('ZSCORE', key, member) and count() >= tonumber(ARGV[4]) then
      return 0
    end
    redis.call('ZINCRBY', key, 1, member)
  end
  redis.call('ZADD', key, -(now + life), entry)
  redis.call('PEXPIRE', key, life)
  return known and 2 or 1
end

function operations.leave()
  remove(member .. '\n' .. socket, member)
  return 0
end

operations.count = count

forget_expired()
return operations[operation]()
