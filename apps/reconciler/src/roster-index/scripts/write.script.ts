import { ENTRY_FROM, MAX_UNPACKED, POSITION_GUARD, toScript } from './script.js';

/**
 * KEYS: position. ARGV: the position expected, the position to set, then orders: conditions first, each a name and its
 * operands; see `write-orders.ts`, which lays them out. Reply: 1, or 0 with nothing written but worklists that nobody
 * goes through.
 */
export const WRITE = toScript(`
${ENTRY_FROM}
${POSITION_GUARD}
if not holds(KEYS[1], 1) then return 0 end
local at = 9
local function take()
  at = at + 1
  return ARGV[at - 1]
end
local function chunked(count, command, ...)
  local to = at + count - 1
  for i = at, to, ${MAX_UNPACKED} do
    local last = math.min(i + ${MAX_UNPACKED - 1}, to)
    if command == 'UNLINK' then
      redis.call(command, unpack(ARGV, i, last))
    else
      redis.call(command, ..., unpack(ARGV, i, last))
    end
  end
  at = to + 1
end

local conditions = {}
function conditions.inPhase()
  local found = redis.call('HMGET', take(), 'generation', 'phase')
  local generation, phase = take(), take()
  return found[1] == generation and found[2] == phase
end
function conditions.worklist()
  local target, active, seen, atMost = take(), take(), take(), tonumber(take())
  if redis.call('SDIFFSTORE', target, active, seen) <= atMost then return true end
  redis.call('UNLINK', target)
  return false
end
function conditions.empty()
  return redis.call('EXISTS', take()) == 0
end

local orders = {}
function orders.unlink() chunked(tonumber(take()), 'UNLINK') end
function orders.hdel()
  local key = take()
  chunked(tonumber(take()), 'HDEL', key)
end
function orders.hset()
  local key = take()
  chunked(tonumber(take()), 'HSET', key)
end
function orders.sadd()
  local key = take()
  chunked(tonumber(take()), 'SADD', key)
end
local function addAll(target, ids)
  for i = 1, #ids, ${MAX_UNPACKED} do
    redis.call('SADD', target, unpack(ids, i, math.min(i + ${MAX_UNPACKED - 1}, #ids)))
  end
end
function orders.archivedOrUnseen()
  local target, index, active, seen = take(), take(), take(), take()
  redis.call('UNLINK', target)
  addAll(target, redis.call('HKEYS', index))
  redis.call('SDIFFSTORE', target, target, active)
  addAll(target, redis.call('SDIFF', active, seen))
end
function orders.entries()
  local index, active, entries, count = take(), take(), take(), tonumber(take())
  local pairs, filled, from = {}, 0, 1
  for i = 0, count - 1 do
    pairs[filled + 1] = ARGV[at + i]
    pairs[filled + 2], from = entryFrom(entries, from)
    filled = filled + 2
    if filled == ${MAX_UNPACKED} or i == count - 1 then
      redis.call('HSET', index, unpack(pairs, 1, filled))
      filled = 0
    end
  end
  chunked(count, 'SADD', active)
end

while ARGV[at] and conditions[ARGV[at]] do
  if not conditions[take()]() then return 0 end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[5], 'mode', ARGV[6], 'next', ARGV[7], 'applyNext', ARGV[8])
while ARGV[at] do orders[take()]() end
return 1
`);
