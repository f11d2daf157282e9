import { toScript } from './script.js';

/**
 * KEYS: position, then keys of epochs below the one given. ARGV: epoch, '1' to do so without a position too. Unlinks
 * them, unless the position was lost or is below that epoch: after a roll-back they may be the live ones. Reply: 1 if
 * unlinked.
 */
export const FORGET = toScript(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch and ARGV[2] ~= '1' then return 0 end
if epoch and tonumber(epoch) < tonumber(ARGV[1]) then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`);
