-- The replies being written in one session, as fields `text:<reply>`, `cancelled:<reply>` and `joined:<socket>`.
-- KEYS: the session. ARGV: operation, milliseconds to keep, a reply or (join) a socket, text (extend).
local key, operation, keep, id = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local text, cancelled = 'text:' .. id, 'cancelled:' .. id

-- What the writer learns: {cancelled, {sockets}}. A socket is told once.
local function trip()
  local joined = {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 7) == 'joined:' then
      table.insert(joined, string.sub(field, 8))
      redis.call('HDEL', key, field)
    end
  end
  return {redis.call('HEXISTS', key, cancelled), joined}
end

local operations = {}

function operations.begin()
  redis.call('HSET', key, text, '')
  return trip()
end

function operations.extend()
  if redis.call('HEXISTS', key, cancelled) == 0 and ARGV[4] ~= '' then
    redis.call('HSET', key, text, (redis.call('HGET', key, text) or '') .. ARGV[4])
  end
  return trip()
end

function operations.join()
  redis.call('HSET', key, 'joined:' .. id, '')
  return ''
end

function operations.cancel()
  redis.call('HSET', key, cancelled, '')
  return redis.call('HGET', key, text) or ''
end

operations['end'] = function()
  local last = trip()
  redis.call('HDEL', key, text, cancelled)
  return last
end

local answer = operations[operation]()
redis.call('PEXPIRE', key, keep)
return answer
