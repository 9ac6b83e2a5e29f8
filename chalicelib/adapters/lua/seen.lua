-- Whether a message was named before. KEYS[1]: its name. ARGV: milliseconds to remember it from its first time on.
return redis.call('SET', KEYS[1], '', 'NX', 'PX', ARGV[1]) and 0 or 1
