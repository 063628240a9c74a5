#!lua name=riverline_timeline_VERSION

-- Timelines as Redis Lists, one key a call.
--
-- A complete list is `id id ... id marker`, the newest id first; its marker is `=TERM|VERSION|FLOOR|AUTHOR,AUTHOR`:
--   TERM     the mastership it was built in: a list of another term may lack writes that a failover lost, so it is dropped
--   VERSION  of whom the user follows, as MySQL counts it
--   FLOOR    every pushed post with a greater id is in the list; 0: all are
--   AUTHORS  influencers whose own posts are merged in by whoever reads
-- A list that is being built is `event ... event marker`, its marker `!TERM|TOKEN`; events are `pID:VERSION`, `rID`,
-- `aAUTHOR:VERSION`: what happened since the build began, applied when it is finished.

local term, term_at = '', ''

-- The replication id changes with every promotion and every restart of a master. It is asked for once a second.
local function current_term()
  local now = redis.call('TIME')[1]
  if now ~= term_at then
    term = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x%x%x%x%x%x%x%x%x%x%x%x)')
    term_at = now
  end
  return term
end

-- How many deletions and forgotten bodies this node was told of since the library was loaded. Readers hold bodies of posts while it stays the same.
local loaded, deletions = nil, 0

local function deletions_told()
  if not loaded then loaded = table.concat(redis.call('TIME'), '.') end
  return loaded .. ':' .. deletions
end

-- no key: some posts are deleted, or their bodies forgotten
local function deleted()
  deletions = deletions + 1
  return deletions_told()
end

local function marker_of(key)
  local marker = redis.call('LINDEX', key, -1)
  if not marker then return nil end
  if string.sub(marker, 2, 13) ~= current_term() then
    redis.call('UNLINK', key)
    return nil
  end
  return marker
end

local function is_building(marker)
  return string.byte(marker) == 33
end

local function parts(marker)
  local version, floor, pulled = string.match(marker, '^=%x+|(%d+)|(%d+)|(.*)$')
  return tonumber(version), tonumber(floor), pulled
end

local function complete_marker(version, floor, pulled)
  return string.format('=%s|%d|%d|%s', current_term(), version, floor, pulled)
end

local function is_pulled(pulled, author)
  return string.find(',' .. pulled .. ',', ',' .. author .. ',', 1, true) ~= nil
end

-- What a write that knows another version does to a list: nothing when the list is newer, for then it was built from what
-- the write knows and more; the list is dropped when it is older.
local function out_of_step(key, known, version)
  if known < version then return 'stale' end
  redis.call('UNLINK', key)
  return 'dropped'
end

local function insert(key, id, marker)
  local number = tonumber(id)
  for _, entry in ipairs(redis.call('LRANGE', key, 0, -1)) do
    if entry == id then return nil end
    if entry == marker or tonumber(entry) < number then
      return redis.call('LINSERT', key, 'BEFORE', entry, id)
    end
  end
end

-- KEY, id, version, most entries
local function push(keys, args)
  local key, id, known = keys[1], args[1], tonumber(args[2])
  local marker = marker_of(key)
  if not marker then return 'cold' end
  if is_building(marker) then
    redis.call('LPUSH', key, 'p' .. id .. ':' .. args[2])
    return 'noted'
  end
  local version, floor, pulled = parts(marker)
  if known ~= version then return out_of_step(key, known, version) end
  if tonumber(id) <= floor then return 'below' end
  local head, length = redis.call('LINDEX', key, 0), nil
  if head == id then return 'there' end
  if head == marker or tonumber(head) < tonumber(id) then
    length = redis.call('LPUSH', key, id)
  else
    length = insert(key, id, marker)
  end
  if not length then return 'there' end
  if length > tonumber(args[3]) + 1 then
    redis.call('RPOP', key)
    local oldest = redis.call('RPOP', key)
    redis.call('RPUSH', key, complete_marker(version, tonumber(oldest), pulled))
  end
  return 'pushed'
end

-- KEY, id
local function remove(keys, args)
  local marker = marker_of(keys[1])
  if not marker then return 'cold' end
  if is_building(marker) then
    redis.call('LPUSH', keys[1], 'r' .. args[1])
    return 'noted'
  end
  return redis.call('LREM', keys[1], 1, args[1]) == 1 and 'removed' or 'absent'
end

-- KEY, author, version: the author's posts will be pulled, no longer pushed
local function pull(keys, args)
  local key, author, known = keys[1], args[1], tonumber(args[2])
  local marker = marker_of(key)
  if not marker then return 'cold' end
  if is_building(marker) then
    redis.call('LPUSH', key, 'a' .. author .. ':' .. args[2])
    return 'noted'
  end
  local version, floor, pulled = parts(marker)
  if known ~= version then return out_of_step(key, known, version) end
  if is_pulled(pulled, author) then return 'there' end
  local more = pulled == '' and author or pulled .. ',' .. author
  redis.call('LSET', key, -1, complete_marker(version, floor, more))
  return 'pulled'
end

-- KEY, author: the author's posts will be pushed again; those that were not are found by building the list anew
local function unpull(keys, args)
  local marker = marker_of(keys[1])
  if not marker then return 'cold' end
  if not is_building(marker) then
    local _, _, pulled = parts(marker)
    if not is_pulled(pulled, args[1]) then return 'absent' end
  end
  redis.call('UNLINK', keys[1])
  return 'dropped'
end

-- KEY, version: whom the user follows has changed
local function refresh(keys, args)
  local marker = marker_of(keys[1])
  if not marker then return 'cold' end
  if not is_building(marker) then
    local version = parts(marker)
    if version >= tonumber(args[1]) then return 'there' end
  end
  redis.call('UNLINK', keys[1])
  return 'dropped'
end

-- A list lives on from its last reading, less a minute of two weeks: to renew it each time would make a write of each
-- reading, for the replica and for the logs of both.
local function renew(key, ttl)
  if redis.call('TTL', key) < ttl - ttl / 20000 then redis.call('EXPIRE', key, ttl) end
end

-- KEY, before (0: the newest), count, ttl in seconds: {marker, deletions, id ...}, 'building', or nil
local function read(keys, args)
  local key, before, count = keys[1], tonumber(args[1]), tonumber(args[2])
  local marker = marker_of(key)
  if not marker then return nil end
  if is_building(marker) then return 'building' end
  renew(key, tonumber(args[3]))
  if before == 0 then
    local newest = redis.call('LRANGE', key, 0, count - 1)
    if newest[#newest] == marker then table.remove(newest) end
    table.insert(newest, 1, deletions_told())
    table.insert(newest, 1, marker)
    return newest
  end
  local answer = { marker, deletions_told() }
  for _, entry in ipairs(redis.call('LRANGE', key, 0, -2)) do
    if #answer > count + 1 then break end
    if tonumber(entry) < before then answer[#answer + 1] = entry end
  end
  return answer
end

-- KEY, token, lease in ms: 'build' for who is to build it, else 'building' or 'there'
local function begin(keys, args)
  local marker = marker_of(keys[1])
  if marker then return is_building(marker) and 'building' or 'there' end
  redis.call('RPUSH', keys[1], '!' .. current_term() .. '|' .. args[1])
  redis.call('PEXPIRE', keys[1], args[2])
  return 'build'
end

-- Applies what was noted during the build. Answers nil when the build is out of date.
local function applied(events, version, ids, pulled)
  local present, removed, added = {}, {}, false
  for _, id in ipairs(ids) do present[id] = true end
  for _, event in ipairs(events) do
    local kind, subject, known = string.match(event, '^(%a)(%d+):?(%d*)$')
    known = tonumber(known)
    if known and known > version then return nil end
    if kind == 'r' then
      removed[subject] = true
    elseif known == version and kind == 'a' and not is_pulled(pulled, subject) then
      pulled = pulled == '' and subject or pulled .. ',' .. subject
    elseif known == version and kind == 'p' and not present[subject] then
      present[subject], added = true, true
      ids[#ids + 1] = subject
    end
  end
  local kept = {}
  for _, id in ipairs(ids) do
    if not removed[id] then kept[#kept + 1] = id end
  end
  if added then table.sort(kept, function(one, other) return tonumber(one) > tonumber(other) end) end
  return kept, pulled
end

-- KEY, token, version, floor, ttl in seconds, most entries, pulled authors, id ...
local function finish(keys, args)
  local key, version, floor, most = keys[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[5])
  local marker = marker_of(key)
  if marker ~= '!' .. current_term() .. '|' .. args[1] then return 'lost' end
  local ids = {}
  for place = 7, #args do ids[#ids + 1] = args[place] end
  local kept, pulled = applied(redis.call('LRANGE', key, 0, -2), version, ids, args[6])
  redis.call('UNLINK', key)
  if not kept then return 'lost' end
  local list = {}
  for _, id in ipairs(kept) do
    if #list == most then
      floor = math.max(floor, tonumber(id))
      break
    end
    if tonumber(id) > floor then list[#list + 1] = id end
  end
  list[#list + 1] = complete_marker(version, floor, pulled)
  redis.call('RPUSH', key, unpack(list))
  redis.call('EXPIRE', key, args[4])
  return 'built'
end

-- KEY, token
local function abandon(keys, args)
  if marker_of(keys[1]) ~= '!' .. current_term() .. '|' .. args[1] then return 'absent' end
  redis.call('UNLINK', keys[1])
  return 'abandoned'
end

-- KEY, token, body, ttl in seconds: keeps the body if nothing happened to it since it was claimed
local function remember(keys, args)
  if redis.call('GET', keys[1]) ~= '?' .. args[1] then return 'lost' end
  redis.call('SET', keys[1], args[2], 'EX', args[3])
  return 'kept'
end

redis.register_function('riverline_push_VERSION', push)
redis.register_function('riverline_remove_VERSION', remove)
redis.register_function('riverline_pull_VERSION', pull)
redis.register_function('riverline_unpull_VERSION', unpull)
redis.register_function('riverline_refresh_VERSION', refresh)
redis.register_function('riverline_read_VERSION', read)
redis.register_function('riverline_deleted_VERSION', deleted)
redis.register_function('riverline_begin_VERSION', begin)
redis.register_function('riverline_finish_VERSION', finish)
redis.register_function('riverline_remember_VERSION', remember)
redis.register_function('riverline_abandon_VERSION', abandon)
