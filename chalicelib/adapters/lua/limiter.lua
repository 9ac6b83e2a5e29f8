-- GCRA with no number stored: the key's remaining life is the part of the bucket that is used, by the server's clock.
-- KEYS: the bucket. ARGV: take | give, milliseconds between two, capacity. Returns the milliseconds to wait, or 0.
local interval, capacity = tonumber(ARGV[2]), tonumber(ARGV[3])
local used = math.max(0, redis.call('PTTL', KEYS[1]))

local function use(milliseconds)
  if milliseconds > 0 then
    redis.call('SET', KEYS[1], '', 'PX', milliseconds)
  else
    redis.call('DEL', KEYS[1])
  end
  return 0
end

if ARGV[1] == 'give' then
  return use(used - interval)
end
local wait = used + interval - capacity * interval
if wait > 0 then
  return wait
end
return use(used + interval)
