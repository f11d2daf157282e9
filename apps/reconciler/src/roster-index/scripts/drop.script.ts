import { toScript } from './script.js';

/**
 * KEYS: position, index, active, digest. ARGV: epoch, type, states as one string (25 bytes each: fingerprint, status,
 * generation), terms as one string, ids. Takes out each entry that is still as given, and its term out of the digest if
 * it was active. Reply: per record `1` if it is not there (any more), `0` if it is another by now; nothing if the epoch
 * is another.
 */
export const DROP = toScript(`
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return '' end
local kind, states, terms = ARGV[2], ARGV[3], ARGV[4]
local sum = redis.call('HGET', KEYS[4], kind .. '.xor') or '0000000000000000'
local high, low = tonumber(string.sub(sum, 1, 8), 16), tonumber(string.sub(sum, 9), 16)
local marks, count = {}, 0
for i = 5, #ARGV do
  local n = i - 5
  local entry = redis.call('HGET', KEYS[2], ARGV[i])
  local is = entry and string.sub(entry, 2, 26) == string.sub(states, n * 25 + 1, n * 25 + 25)
  if is then
    redis.call('HDEL', KEYS[2], ARGV[i])
    if redis.call('SREM', KEYS[3], ARGV[i]) == 1 then
      local termHigh, termLow = struct.unpack('>I4I4', terms, n * 8 + 1)
      high, low = bit.bxor(high, termHigh), bit.bxor(low, termLow)
      count = count + 1
    end
  end
  marks[#marks + 1] = (is or not entry) and '1' or '0'
end
if count > 0 then
  redis.call('HINCRBY', KEYS[4], kind .. '.active', -count)
  redis.call('HSET', KEYS[4], kind .. '.xor', bit.tohex(high) .. bit.tohex(low))
end
return table.concat(marks)
`);
