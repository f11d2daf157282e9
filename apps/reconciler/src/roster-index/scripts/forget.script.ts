import { toScript } from './script.js';

/**
 * KEYS: position, then keys of epochs below ARGV[1]. Unlinks them, unless the position was lost or is below that
 * epoch: after a roll-back they may be the live ones. Reply: 1 if unlinked.
 */
export const FORGET = toScript(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch or tonumber(epoch) < tonumber(ARGV[1]) then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`);
