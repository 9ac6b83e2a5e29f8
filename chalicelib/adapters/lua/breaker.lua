-- Failures in a row of one service. The key's life beyond `keep` is the pause, by the server's clock.
-- KEYS: the service. ARGV: allows | closed | ok | failed, failures that open it, milliseconds: pause, keep.
local key, most, pause, keep = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local failures = tonumber(redis.call('GET', key) or 0)
local operations = {}

local function skip()
  redis.call('SET', key, failures, 'PX', keep + pause)
end

function operations.closed()
  return failures < most and 1 or 0
end

function operations.allows()
  if failures < most then
    return 1
  end
  if redis.call('PTTL', key) > keep then
    return 0
  end
  skip() -- until the next trial, should this one fail
  return 1
end

function operations.ok()
  redis.call('DEL', key)
  return 0
end

function operations.failed()
  failures = failures + 1
  if failures >= most then
    skip()
  else
    redis.call('SET', key, failures, 'PX', keep)
  end
  return 0
end

return operations[ARGV[1]]()
