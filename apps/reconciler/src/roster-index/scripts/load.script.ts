import { ENTRY_FROM, MAX_UNPACKED, toScript } from './script.js';

/**
 * KEYS: position, index, active, digest. ARGV: epoch, '1' to begin anew, type, active, xor, entries as one string, ids.
 * Byte 18 of an entry is its status, 1 for active. Reply: 1, or 0 with nothing written if the position is at this
 * epoch or a higher one. What is written first must be what a full Redis refuses: it refuses nothing of a script that
 * has written or removed something.
 */
export const LOAD = toScript(`
${ENTRY_FROM}
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[4], ARGV[3] .. '.active', ARGV[4], ARGV[3] .. '.xor', ARGV[5])
if ARGV[2] == '1' then redis.call('UNLINK', KEYS[2], KEYS[3]) end
local entries, ids, active = ARGV[6], {}, {}
local function flush()
  if #ids > 0 then redis.call('HSET', KEYS[2], unpack(ids)) end
  if #active > 0 then redis.call('SADD', KEYS[3], unpack(active)) end
  ids, active = {}, {}
end
local at, entry = 1
for i = 7, #ARGV do
  entry, at = entryFrom(entries, at)
  ids[#ids + 1] = ARGV[i]
  ids[#ids + 1] = entry
  if string.byte(entry, 18) == 1 then active[#active + 1] = ARGV[i] end
  if #ids == ${MAX_UNPACKED} then flush() end
end
flush()
return 1
`);
