-- A shared answer. KEYS[1]: its key. ARGV: "get", or "put", the answer and its life in milliseconds.
if ARGV[1] == "get" then
  return redis.call("GET", KEYS[1])
end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1
