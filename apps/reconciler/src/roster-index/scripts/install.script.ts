import { toScript } from './script.js';

/** KEYS: position. ARGV: epoch, mode, next, applyNext. Reply: 1, or 0 if this or a higher epoch is there. */
export const INSTALL = toScript(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'mode', ARGV[2], 'next', ARGV[3], 'applyNext', ARGV[4])
return 1
`);
