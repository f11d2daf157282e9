import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Report } from '#contracts';
import { AT, CLOSED, DISTRICT, ScratchLedger, TYPES, WISH } from '../test/scratch-ledger.js';
import { OpeningLedger } from './opening.store.js';
import { ReportLedger } from './reports.store.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('reports');
const ledger = new ReportLedger(scratch.connection);
const run = { districtId: DISTRICT, generation: 7 };

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

const applied = (
  changes: Partial<{ generation: number; partition: number; epoch: number }> = {},
): Report => ({
  ...{ kind: 'applied', ...run, partition: 0, epoch: 2, types: {} },
  ...changes,
});

describe('an answer of a partition', () => {
  it('is kept once for a run that is not closed and has its epoch', async () => {
    await scratch.put(7, 'applying');
    await ledger.record([applied(), applied(), applied({ partition: 1 })], AT);
    await ledger.record([applied()], AT);
    expect(await scratch.count('partition_answers')).toBe(2);
  });

  it.each([
    ['of a lower epoch', applied({ epoch: 1 })],
    ['of a higher epoch', applied({ epoch: 3 })],
    ['of a partition that the run does not know', applied({ partition: 2 })],
    ['of a run that is not known', applied({ generation: 8 })],
  ])('%s is not kept', async (_, report) => {
    await scratch.put(7, 'applying');
    await ledger.record([report], AT);
    expect(await scratch.count('partition_answers')).toBe(0);
  });

  it.each(CLOSED)('is not kept for a run that is %s', async (state) => {
    await scratch.put(7, state);
    await ledger.record([applied()], AT);
    expect(await scratch.count('partition_answers')).toBe(0);
  });
});

describe('a partition', () => {
  it('is known by the highest epoch it was heard with, and when', async () => {
    await ledger.record([applied({ epoch: 4 })], AT);
    await ledger.record([applied({ epoch: 3 })], AT + 5);
    expect(await scratch.count(`partitions where epoch = 4 and heard_at = ledger.at(${AT})`)).toBe(1);
    await ledger.record([{ kind: 'rebuilding', partition: 0, epoch: 5 }], AT + 9);
    expect(await scratch.count(`partitions where epoch = 5 and rebuilding_at = ledger.at(${AT + 9})`)).toBe(
      1,
    );
  });

  it('is not heard at work when it only says that it is ready', async () => {
    await ledger.record([applied({ epoch: 4 })], AT);
    await ledger.record([{ kind: 'ready', partition: 0, epoch: 4, nonce: 'n' }], AT + 5);
    expect(await scratch.count(`partitions where heard_at = ledger.at(${AT})`)).toBe(1);
  });

  it('is not heard when the persister speaks of it', async () => {
    await ledger.record([{ kind: 'passed', ...run, partition: 0, epoch: 9, entityType: 'users' }], AT);
    expect(await scratch.count('partitions')).toBe(0);
  });

  it('is ready only for an ASK that some wish waits on', async () => {
    const openings = new OpeningLedger(scratch.connection);
    await openings.want(WISH);
    await openings.ask('asked', [DISTRICT], AT);
    const ready = (nonce: string): Report => ({ kind: 'ready', partition: 0, epoch: 2, nonce });
    await ledger.record([ready('asked'), ready('asked'), ready('unknown')], AT);
    expect(await scratch.count('ready_answers')).toBe(1);
  });
});

describe('watermarks that Postgres has passed', () => {
  const passed = (generation: number, partition: number) =>
    TYPES.map((entityType): Report => ({
      kind: 'passed',
      ...run,
      generation,
      partition,
      epoch: 2,
      entityType,
    }));

  it('take one row each, however often they are reported, and only rise', async () => {
    await ledger.record([...passed(7, 0), ...passed(8, 0), ...passed(7, 0)], AT);
    await ledger.record(passed(7, 0), AT);
    expect(await scratch.count('passed where generation = 8')).toBe(TYPES.length);
    expect(await scratch.count('passed')).toBe(TYPES.length);
  });

  it('show a completed run in Postgres when all are there, and no other run', async () => {
    const settlement = new SettlementLedger(scratch.connection);
    await scratch.put(6, 'rejected');
    await scratch.put(7, 'completed');
    await ledger.record([...passed(7, 0), ...passed(7, 1).slice(1)], AT);
    expect(await settlement.notePersisted(14, AT)).toEqual([]);
    await ledger.record(passed(6, 1), AT);
    expect(await settlement.notePersisted(14, AT)).toEqual([]);
    await ledger.record(passed(7, 1).slice(0, 1), AT);
    expect(await settlement.notePersisted(14, AT)).toEqual([run]);
    expect(await settlement.notePersisted(14, AT)).toEqual([]);
  });
});

describe('other reports', () => {
  it('progress of reading is kept with the run while it is not closed', async () => {
    const reading = (users: number): Report => ({ kind: 'reading', ...run, types: { users } });
    await scratch.put(7, 'reading');
    await ledger.record([reading(500), reading(900)], AT);
    expect(await scratch.of(run, 'progress')).toEqual({ users: 900 });
    await scratch.connection.query(`update ledger.runs set state = 'aborted'`);
    await ledger.record([reading(1000)], AT);
    expect(await scratch.of(run, 'progress')).toEqual({ users: 900 });
  });

  it('a shadow makes the refresh of its type due, once', async () => {
    const shadow: Report = { kind: 'shadow', districtId: DISTRICT, entityType: 'users' };
    await ledger.record([shadow, shadow, { ...shadow, districtId: 'unknown' }], AT);
    await ledger.record([shadow], AT);
    expect(await scratch.count(`refreshes where entity_type = 'users' and asks = 2`)).toBe(1);
    expect(await scratch.count('refreshes')).toBe(1);
  });
});
