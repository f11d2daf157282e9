/*
 * Lays out what one compare-and-set call checks and changes, in the order `write.script.ts` carries it out:
 * all conditions, then what is forgotten, then the other writes.
 */
import { ENTITY_TYPES } from '#contracts';
import type { DistrictWrites } from '../reconciliation/index-state.js';
import { encodeEntries } from './entry-codec.js';
import type { IndexKeys } from './index-keys.js';
import type { Operand } from './script-client.js';

export function toOrders(keys: IndexKeys, epoch: number, districts: readonly DistrictWrites[]): Operand[] {
  const orders: Operand[] = [];
  for (const writes of districts) addConditions(orders, keys, epoch, writes);
  for (const writes of districts) addForgetting(orders, keys, epoch, writes);
  for (const writes of districts) {
    addSnapshot(orders, keys, epoch, writes);
    addMarks(orders, keys, epoch, writes);
    addEntries(orders, keys, epoch, writes);
    addWorklists(orders, keys, epoch, writes);
  }
  return orders;
}

function addConditions(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId, startSweep, endSweep } = writes;
  if (startSweep !== undefined) {
    const { generation, phase, atMost } = startSweep;
    orders.push('inPhase', keys.snapshot(epoch, districtId), String(generation), phase);
    for (const entityType of ENTITY_TYPES) {
      const group = { districtId, entityType, generation };
      orders.push('worklist', keys.ofSnapshot('stale', epoch, group));
      orders.push(keys.active(epoch, districtId, entityType), keys.ofSnapshot('seen', epoch, group));
      orders.push(String(atMost[entityType] ?? 0));
    }
  }
  if (endSweep === undefined) return;
  for (const entityType of ENTITY_TYPES) {
    orders.push('empty', keys.ofSnapshot('stale', epoch, { districtId, entityType, ...endSweep }));
  }
}

function addForgetting(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId, forget } = writes;
  if (forget === undefined) return;
  const { generation } = forget;
  const sets = ENTITY_TYPES.flatMap((entityType) =>
    (['seen', 'withdrawn', 'stale'] as const).map((set) =>
      keys.ofSnapshot(set, epoch, { districtId, entityType, generation }),
    ),
  );
  addList(orders, ['unlink'], sets);
  if (!forget.reports) return;
  const fields = ['planned', 'applied', 'failed', ...ENTITY_TYPES.map((type) => `archived.${type}`)];
  addList(orders, ['hdel', keys.snapshot(epoch, districtId)], fields);
}

function addSnapshot(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId, snapshot, reports = {}, digests = {} } = writes;
  const fields: string[] = [];
  if (snapshot !== undefined) {
    fields.push('generation', String(snapshot.generation), 'phase', snapshot.phase);
    fields.push('state', JSON.stringify(snapshot));
  }
  for (const kind of ['planned', 'applied', 'failed'] as const) {
    const report = reports[kind];
    if (report !== undefined) fields.push(kind, JSON.stringify(report));
  }
  addList(orders, ['hset', keys.snapshot(epoch, districtId)], fields);
  const sums = ENTITY_TYPES.flatMap((type) => {
    const digest = digests[type];
    return digest === undefined ? [] : [`${type}.active`, String(digest.active), `${type}.xor`, digest.xor];
  });
  addList(orders, ['hset', keys.digest(epoch, districtId)], sums);
}

function addMarks(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId, marks } = writes;
  if (marks === undefined) return;
  for (const { entityType, seen, withdrawn } of marks.types) {
    const group = { districtId, entityType, generation: marks.generation };
    addList(orders, ['sadd', keys.ofSnapshot('seen', epoch, group)], seen);
    addList(orders, ['sadd', keys.ofSnapshot('withdrawn', epoch, group)], withdrawn);
  }
}

function addEntries(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId } = writes;
  for (const { entityType, entries } of writes.entries ?? []) {
    const bytes = encodeEntries(entries.map(({ entry }) => entry));
    const head = [
      keys.index(epoch, districtId, entityType),
      keys.active(epoch, districtId, entityType),
      bytes,
    ];
    addList(
      orders,
      ['entries', ...head],
      entries.map(({ gg4lId }) => gg4lId),
    );
  }
}

/** The conditions have made those of what is not seen. */
function addWorklists(orders: Operand[], keys: IndexKeys, epoch: number, writes: DistrictWrites): void {
  const { districtId, startSweep } = writes;
  if (startSweep === undefined) return;
  for (const entityType of startSweep.refresh) {
    const group = { districtId, entityType, generation: startSweep.generation };
    orders.push('archivedOrUnseen', keys.ofSnapshot('stale', epoch, group));
    orders.push(keys.index(epoch, districtId, entityType), keys.active(epoch, districtId, entityType));
    orders.push(keys.ofSnapshot('seen', epoch, group));
  }
}

function addList(orders: Operand[], head: readonly Operand[], list: readonly string[]): void {
  if (list.length === 0) return;
  orders.push(...head, String(list.length));
  for (const operand of list) orders.push(operand);
}
