import { ENTRY_FROM, POSITION_GUARD, toScript } from './script.js';

/**
 * KEYS: position, stale, index, active, digest, snapshot. ARGV: the position expected, type, entries as one string,
 * terms as one string, ids. An id is archived only if this call removed it from `stale` itself; it leaves the digest and
 * counts only if it was active. Reply: how many were taken from `stale`, or -1 with nothing written.
 */
export const ARCHIVE = toScript(`
${ENTRY_FROM}
${POSITION_GUARD}
if not holds(KEYS[1], 1) then return -1 end
local kind, entries, terms = ARGV[5], ARGV[6], ARGV[7]
local sum = redis.call('HGET', KEYS[5], kind .. '.xor') or '0000000000000000'
local high, low = tonumber(string.sub(sum, 1, 8), 16), tonumber(string.sub(sum, 9), 16)
local taken, count = 0, 0
local at, entry = 1
for i = 8, #ARGV do
  entry, at = entryFrom(entries, at)
  if redis.call('SREM', KEYS[2], ARGV[i]) == 1 then
    redis.call('HSET', KEYS[3], ARGV[i], entry)
    taken = taken + 1
    if redis.call('SREM', KEYS[4], ARGV[i]) == 1 then
      local termHigh, termLow = struct.unpack('>I4I4', terms, (i - 8) * 8 + 1)
      high, low = bit.bxor(high, termHigh), bit.bxor(low, termLow)
      count = count + 1
    end
  end
end
if count > 0 then
  redis.call('HINCRBY', KEYS[5], kind .. '.active', -count)
  redis.call('HSET', KEYS[5], kind .. '.xor', bit.tohex(high) .. bit.tohex(low))
  redis.call('HINCRBY', KEYS[6], 'archived.' .. kind, count)
end
return taken
`);
