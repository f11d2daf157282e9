import { createHash } from 'node:crypto';

/** A Lua script with the SHA-1 that EVALSHA knows it by. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function toScript(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Lua's `unpack` fails near 8,000 values, so no call passes more than this. */
export const MAX_UNPACKED = 4_000;

/** `holds(key, i)`: the position at `key` is the four values from ARGV[i] on; a missing position is none. */
export const POSITION_GUARD = `
local function holds(key, i)
  local p = redis.call('HMGET', key, 'epoch', 'mode', 'next', 'applyNext')
  return p[1] == ARGV[i] and p[2] == ARGV[i + 1] and p[3] == ARGV[i + 2] and p[4] == ARGV[i + 3]
end
`;

/** `entryFrom(entries, at)`: the entry that begins at this byte of a string of them, and where the next one begins. */
export const ENTRY_FROM = `
local function entryFrom(entries, at)
  local next = at + 35 + string.byte(entries, at + 34)
  return string.sub(entries, at, next - 1), next
end
`;

/** `entriesOf(key, ids, from, to)`: the entries of these ids as one string, a zero byte for a missing one. */
export const ENTRIES_OF = `
local none = '\\0'
local function entriesOf(key, ids, from, to)
  local parts = {}
  for i = from, to, ${MAX_UNPACKED} do
    local found = redis.call('HMGET', key, unpack(ids, i, math.min(i + ${MAX_UNPACKED - 1}, to)))
    for j = 1, #found do parts[#parts + 1] = found[j] or none end
  end
  return table.concat(parts)
end
`;

/** `membersOf(key, ids, from, to)`: an array of 0 and 1, one for each of these ids; false if the set is empty. */
export const MEMBERS_OF = `
local function membersOf(key, ids, from, to)
  if redis.call('EXISTS', key) == 0 then return false end
  local marks = {}
  for i = from, to, ${MAX_UNPACKED} do
    local found = redis.call('SMISMEMBER', key, unpack(ids, i, math.min(i + ${MAX_UNPACKED - 1}, to)))
    for j = 1, #found do marks[#marks + 1] = found[j] end
  end
  return marks
end
`;
