import { POSITION_GUARD, toScript } from './script.js';

/** KEYS: position. ARGV: the position expected. Takes it away; nothing if it is another by now. */
export const RETIRE = toScript(`
${POSITION_GUARD}
if holds(KEYS[1], 1) then redis.call('UNLINK', KEYS[1]) end
return 1
`);
