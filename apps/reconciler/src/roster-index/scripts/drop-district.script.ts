import { toScript } from './script.js';

/** KEYS: position, then all keys of a district. ARGV: epoch. Unlinks them; reply: 1, or 0 if the epoch is another. */
export const DROP_DISTRICT = toScript(`
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`);
