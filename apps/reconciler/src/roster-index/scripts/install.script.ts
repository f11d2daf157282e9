import { toScript } from './script.js';

/**
 * KEYS: position, then index, active, digest of each loaded type. ARGV: epoch, mode, next, applyNext, fencedAt,
 * fencedBy, then of each loaded type: type, ids, active, xor. Reply: 1, or 0 with nothing written if this or a higher epoch is there, or if
 * anything loaded is of another size or digest.
 */
export const INSTALL = toScript(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) >= tonumber(ARGV[1]) then return 0 end
local at = 7
for i = 2, #KEYS, 3 do
  local kind, ids, active, xor = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  at = at + 4
  if redis.call('HLEN', KEYS[i]) ~= ids then return 0 end
  if redis.call('SCARD', KEYS[i + 1]) ~= tonumber(active) then return 0 end
  local digest = redis.call('HMGET', KEYS[i + 2], kind .. '.active', kind .. '.xor')
  if digest[1] ~= active or digest[2] ~= xor then return 0 end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'mode', ARGV[2], 'next', ARGV[3], 'applyNext', ARGV[4],
  'fencedAt', ARGV[5], 'fencedBy', ARGV[6])
return 1
`);
