import { ENTRIES_OF, MEMBERS_OF, toScript } from './script.js';

/**
 * KEYS: a set of ids, index, withdrawn. ARGV: SPOP or SRANDMEMBER, how many. Reply: ids, their entries as one string,
 * and a string with `w` for each withdrawn id and `-` for each other.
 */
export const RECORDS = toScript(`
${ENTRIES_OF}
${MEMBERS_OF}
local ids = redis.call(ARGV[1], KEYS[1], ARGV[2])
local withdrawn = membersOf(KEYS[3], ids, 1, #ids)
local marks = {}
for i = 1, #ids do marks[i] = withdrawn and withdrawn[i] == 1 and 'w' or '-' end
return { ids, entriesOf(KEYS[2], ids, 1, #ids), table.concat(marks) }
`);
