import { ENTITY_TYPES } from '#contracts';
import { ENTRIES_OF, MEMBERS_OF, toScript } from './script.js';

/**
 * KEYS: position. ARGV: key prefix of the partition, number of districts, their ids, number of groups, then per group:
 * district, type, generation, number of ids, ids. The epoch in the keys is the position's.
 * Reply: nothing if there is no position, else position fields, [snapshot, digest, whole] per district, and [entries,
 * marks] per group; `whole` is 0 where more or fewer ids are active than the digest counts, or without an entry; a mark is `s` seen, `w` withdrawn, `-` neither.
 */
export const READ = toScript(`
${ENTRIES_OF}
${MEMBERS_OF}
local position = redis.call('HMGET', KEYS[1], 'epoch', 'mode', 'next', 'applyNext', 'fencedAt', 'fencedBy')
if not position[1] then return {} end
local prefix = ARGV[1] .. 'e' .. position[1] .. ':'
local at = 2
local function take()
  at = at + 1
  return ARGV[at - 1]
end

local function isWhole(district)
  local counted = redis.call('HMGET', district .. ':digest', ${ENTITY_TYPES.map((type) => `'${type}.active'`).join(', ')})
  for i, kind in ipairs({ ${ENTITY_TYPES.map((type) => `'${type}'`).join(', ')} }) do
    local active = redis.call('SCARD', district .. ':' .. kind .. ':active')
    if active ~= tonumber(counted[i] or '0') then return 0 end
    if redis.call('HLEN', district .. ':' .. kind .. ':index') < active then return 0 end
  end
  return 1
end

local districts = {}
for _ = 1, tonumber(take()) do
  local district = prefix .. take()
  districts[#districts + 1] = {
    redis.call('HGETALL', district .. ':snapshot'),
    redis.call('HGETALL', district .. ':digest'),
    isWhole(district),
  }
end

local groups = {}
for _ = 1, tonumber(take()) do
  local kind = prefix .. take() .. ':' .. take()
  local generation = take()
  local count = tonumber(take())
  local from, to = at, at + count - 1
  at = to + 1
  local seen = membersOf(kind .. ':seen:' .. generation, ARGV, from, to)
  local withdrawn = membersOf(kind .. ':withdrawn:' .. generation, ARGV, from, to)
  local marks = {}
  for i = 1, count do
    marks[i] = seen and seen[i] == 1 and 's' or withdrawn and withdrawn[i] == 1 and 'w' or '-'
  end
  groups[#groups + 1] = { entriesOf(kind .. ':index', ARGV, from, to), table.concat(marks) }
end
return { position, districts, groups }
`);
