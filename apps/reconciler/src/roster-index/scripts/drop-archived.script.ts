import { toScript } from './script.js';

/**
 * KEYS: position, index. ARGV: epoch, then id and generation (8 bytes, big endian) of each record. Takes the entry of
 * each out that is archived and of that generation. Reply: per record `1` if it is not there (any more), `0` if it is
 * another by now; nothing if the epoch is another.
 */
export const DROP_ARCHIVED = toScript(`
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return '' end
local marks = {}
for i = 2, #ARGV, 2 do
  local entry = redis.call('HGET', KEYS[2], ARGV[i])
  local is = entry and string.byte(entry, 18) == 2 and string.sub(entry, 19, 26) == ARGV[i + 1]
  if is then redis.call('HDEL', KEYS[2], ARGV[i]) end
  marks[#marks + 1] = (is or not entry) and '1' or '0'
end
return table.concat(marks)
`);
