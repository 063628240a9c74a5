#!lua name=riverline_courtesy_VERSION

-- How crawlers take turns at a host. One key a call, a hash; times are ms of this server's clock:
--   r  when the next request may start, h  until when the host is left alone, t  who asked last, f  failures in a row,
--   b  1 while the last request is unanswered, w  the crawlers that wait, first come first served: {name, until}

local KEPT = 3600000 -- ms that a host is remembered after its last time
local GRACE = 250 -- ms that a turn is kept for the crawler that waits for it

local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
end

local function number(key, field)
  return tonumber(redis.call('HGET', key, field) or 0)
end

local function write(key, at, ...)
  redis.call('HSET', key, ...)
  redis.call('PEXPIREAT', key, at + KEPT)
end

-- Those that wait and have not been away for too long.
local function waiting(key, at)
  local packed, left = redis.call('HGET', key, 'w'), {}
  for _, one in ipairs(packed and cmsgpack.unpack(packed) or {}) do
    if one[2] > at then left[#left + 1] = one end
  end
  return left
end

-- The crawler waits, at its place or as the last one, if it asks again before then.
local function wait_until(key, line, who, till)
  local place = #line + 1
  for at, one in ipairs(line) do
    if one[1] == who then place = at end
  end
  line[place] = {who, till}
  write(key, till, 'w', cmsgpack.pack(line))
end

-- token (`crawler/number`), ms that the host counts as busy, ms after which one that waits for an answer looks again.
-- Returns the ms to wait, or 0: the turn is the caller's. Who waits first is the next one.
local function start(keys, arguments)
  local key, at, who = keys[1], now(), string.match(arguments[1], '^[^/]*')
  local held, ready = number(key, 'h'), number(key, 'r')
  local wait = math.ceil(math.max(ready, held) - at)
  local line = waiting(key, at)
  if wait > 0 then
    if ready > held and redis.call('HGET', key, 'b') then
      wait = math.max(math.min(wait, tonumber(arguments[3])), math.ceil(held - at))
    end
    wait_until(key, line, who, math.ceil(at + wait + GRACE))
    return wait
  end
  if line[1] and line[1][1] ~= who then
    wait = math.min(tonumber(arguments[3]), GRACE)
    wait_until(key, line, who, math.ceil(at + wait + GRACE))
    return wait
  end
  table.remove(line, 1)
  ready = math.ceil(at + tonumber(arguments[2]))
  write(key, ready, 'r', ready, 't', arguments[1], 'b', 1, 'w', cmsgpack.pack(line))
  return 0
end

-- token, ms until the next request, 1 if the host answered well.
local function finish(keys, arguments)
  local key, ready = keys[1], math.ceil(now() + tonumber(arguments[2]))
  if redis.call('HGET', key, 't') == arguments[1] then
    redis.call('HDEL', key, 'b')
  else
    ready = math.max(ready, number(key, 'r'))
  end
  write(key, ready, 'r', ready)
  if arguments[3] == '1' then redis.call('HDEL', key, 'f') end
  return 0
end

-- ms that the host asked for, or -1; the first pause and the longest. Returns the ms.
local function failed(keys, arguments)
  local key, asked, failures = keys[1], tonumber(arguments[1]), number(keys[1], 'f')
  local pause = asked >= 0 and asked or tonumber(arguments[2]) * 2 ^ failures
  pause = math.floor(math.min(pause, tonumber(arguments[3])))
  local held = math.max(number(key, 'h'), math.ceil(now() + pause))
  write(key, held, 'h', held, 'f', math.min(failures + 1, 10))
  return pause
end

-- An account, a number: units, and the most of them. Returns 1 if they were taken.
local function spend(keys, arguments)
  local units = tonumber(arguments[1])
  if tonumber(redis.call('GET', keys[1]) or 0) + units > tonumber(arguments[2]) then return 0 end
  redis.call('INCRBY', keys[1], units)
  redis.call('EXPIRE', keys[1], 172800)
  return 1
end

redis.register_function('riverline_start_VERSION', start)
redis.register_function('riverline_finish_VERSION', finish)
redis.register_function('riverline_failed_VERSION', failed)
redis.register_function('riverline_spend_VERSION', spend)
