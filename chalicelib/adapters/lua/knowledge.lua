-- The newest version that the knowledge is known to have. The key's life beyond `keep` is a doubt: a change may be under
-- way, or what was known is lost. KEYS: the knowledge. ARGV: changing | changed | fresh, a version, milliseconds: doubt, keep.
local key, number, doubt, keep = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ANY = 9007199254740991
local version = tonumber(redis.call('HGET', key, 'version') or -1)
local operations = {}

-- Until a version that is at least `settled` is seen, or the doubt has passed.
local function begin_doubt(settled)
  redis.call('HSET', key, 'doubtful', settled)
  redis.call('PEXPIRE', key, keep + doubt)
end

local function in_doubt()
  return redis.call('PTTL', key) > keep and number < tonumber(redis.call('HGET', key, 'doubtful') or -1)
end

-- Whether `number` is the newest.
local function settle()
  if number > version then
    redis.call('HSET', key, 'version', number)
    version = number
  end
  if in_doubt() then
    return 0
  end
  redis.call('PEXPIRE', key, keep)
  return number == version and 1 or 0
end

function operations.changing()
  begin_doubt(number)
  return 1
end

function operations.changed()
  settle()
  return 1
end

-- Whoever asks may be behind. If nothing is known, nobody is believed until all have looked at the store again.
function operations.fresh()
  if version < 0 then
    redis.call('HSET', key, 'version', number)
    begin_doubt(ANY)
    return 0
  end
  return settle()
end

return operations[ARGV[1]]()
