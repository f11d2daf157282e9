/* After quiet: rows, a second consumer, the index and the source's last snapshot are the same, record by record. */
import { ENTITY_TYPES, partitionOf, recordHash, watermarkTerm, XorSum, type EntityType } from '#contracts';
import type { MemoryRosterStore } from '../../../libs/roster-consumer/test/memory.roster-store.js';
import { contentsOf } from './contents.js';
import type { World } from './world.js';
import { Violation } from './witness.js';

type Contents = ReadonlyMap<string, string>;

export async function checkEquality(world: World): Promise<void> {
  for (const districtId of world.districts.keys()) {
    const generation = lastCompleted(world, districtId);
    for (const type of ENTITY_TYPES) await checkType(world, districtId, generation, type);
  }
}

function lastCompleted({ ledger }: World, districtId: string): number {
  const last = ledger.runsOf(districtId).findLast(({ state }) => state === 'completed');
  if (last === undefined) throw new Violation(`no run of ${districtId} was ever completed`);
  return last.generation;
}

async function checkType(
  world: World,
  districtId: string,
  generation: number,
  type: EntityType,
): Promise<void> {
  const where = `${type} of ${districtId} after ${generation}`;
  const rows = rowsOf(world.store, districtId, type);
  const index = await contentsOf(world.indexes, districtId, type);
  // Where an event, or what was said of one, was acknowledged and lost, watermarks still tell who is active with which
  // content. An older generation of the same content, and an archived record, they do not count.
  const compared = world.witness.isLossy ? counted : (all: Rows): Rows => all;
  const expected = compared(rows);
  same(`${where}: a second consumer`, compared(rowsOf(world.secondStore, districtId, type)), expected);
  same(`${where}: a newcomer`, compared(rowsOf(world.lastStore, districtId, type)), expected);
  same(`${where}: the index`, compared(index.entries), expected);
  const read = world.witness.readOf(districtId, generation, type);
  const active = new Map(
    [...rows].filter(([, { isActive }]) => isActive).map(([id, row]) => [id, row.fingerprint]),
  );
  const snapshot = new Map(
    [...read].filter(([, { isPresent }]) => isPresent).map(([id, { fingerprint }]) => [id, fingerprint]),
  );
  sameText(`${where}: the last snapshot`, snapshot, active);
  const shared = [...(world.districts.get(districtId)?.of(type) ?? [])].filter(
    ([, { status }]) => status === 'active',
  );
  const ids = new Map(shared.map(([id]) => [id, '']));
  sameText(`${where}: the source`, ids, new Map([...active.keys()].map((id) => [id, ''])));
  for (let partition = 0; partition < world.partitions; partition += 1) {
    const sum = new XorSum();
    for (const [id, fingerprint] of active) {
      if (partitionOf(recordHash(districtId, type, id), world.partitions) === partition)
        sum.add(watermarkTerm(id, Buffer.from(fingerprint, 'hex')));
    }
    const digest = index.digests[partition] ?? { active: 0, xor: '0000000000000000' };
    if (digest.active !== sum.count || digest.xor !== sum.hex)
      throw new Violation(`${where}: the digest of partition ${partition} is not what a recount gives`);
  }
}

type Rows = ReadonlyMap<
  string,
  { readonly isActive: boolean; readonly fingerprint: string; readonly generation: number }
>;

function rowsOf(store: MemoryRosterStore, districtId: string, type: EntityType): Rows {
  const rows = [...store.rows(type, districtId)];
  return new Map(
    rows.map(({ gg4lId, active, fingerprint, generation }) => [
      gg4lId,
      { isActive: active, fingerprint, generation },
    ]),
  );
}

/** What a watermark counts. */
function counted(rows: Rows): Rows {
  const active = [...rows].filter(([, { isActive }]) => isActive);
  return new Map(active.map(([id, row]) => [id, { ...row, generation: 0 }]));
}

function same(who: string, found: Rows, expected: Rows): void {
  const text = (rows: Rows): Contents =>
    new Map(
      [...rows].map(([id, { isActive, fingerprint, generation }]) => [
        id,
        `${isActive} ${fingerprint} ${generation}`,
      ]),
    );
  sameText(who, text(found), text(expected));
}

function sameText(who: string, found: Contents, expected: Contents): void {
  for (const [id, value] of expected)
    if (found.get(id) !== value)
      throw new Violation(`${who}: ${id} is ${found.get(id) ?? 'missing'}, not ${value}`);
  for (const id of found.keys()) if (!expected.has(id)) throw new Violation(`${who}: ${id} is too much`);
}
