import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Report } from '#contracts';
import { AT, DISTRICT, ScratchLedger, TYPES } from '../test/scratch-ledger.js';
import { ConsoleLedger } from './console.store.js';
import { ReportLedger } from './reports.store.js';

const scratch = new ScratchLedger('reports');
const ledger = new ReportLedger(scratch.connection);
const run = { districtId: DISTRICT, generation: 7 };

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('reports', () => {
  it('of progress are kept with the run while it is not closed', async () => {
    const reading = (users: number): Report => ({ kind: 'reading', ...run, types: { users } });
    await scratch.put(7, 'reading');
    await ledger.record([reading(500), reading(900)], AT);
    const elsewhere = [{ districtId: 'd-2' }, { generation: 8 }];
    await ledger.record(
      elsewhere.map((changes) => ({ ...reading(5), ...changes })),
      AT,
    );
    expect(await scratch.of(run, 'progress')).toEqual({ users: 900 });
    await scratch.connection.query(`update ledger.runs set state = 'aborted'`);
    await ledger.record([reading(1000)], AT);
    expect(await scratch.of(run, 'progress')).toEqual({ users: 900 });
  });

  it('of passed watermarks take one row each, however often they come, and only rise', async () => {
    const passed = (generation: number): Report[] =>
      TYPES.map((entityType) => ({ kind: 'passed', ...run, generation, partition: 0, epoch: 2, entityType }));
    await ledger.record([...passed(7), ...passed(8), ...passed(7)], AT);
    await ledger.record(passed(7), AT);
    expect(await scratch.count('passed where generation = 8')).toBe(TYPES.length);
    expect(await scratch.count('passed')).toBe(TYPES.length);
  });

  it('with the highest numbers that are any are kept', async () => {
    const place = { partition: 0, epoch: 2 ** 31 - 1 };
    const highest = { districtId: DISTRICT, generation: Number.MAX_SAFE_INTEGER };
    await scratch.put(highest.generation, 'sweeping');
    await scratch.connection.query(`update ledger.runs set epochs = '{"0": 2147483647}'`);
    await ledger.record(
      [
        { kind: 'rebuilding', ...place },
        { kind: 'passed', ...highest, ...place, entityType: 'users' },
        { kind: 'swept', ...highest, ...place, types: { users: { archived: Number.MAX_SAFE_INTEGER } } },
      ],
      AT,
    );
    const shown = await new ConsoleLedger(scratch.connection).run(highest);
    expect(shown).toMatchObject({ swept: [0], done: { users: { archived: Number.MAX_SAFE_INTEGER } } });
  });

  it('of drifts and shadows are shown with their district', async () => {
    const counts = {
      expected: { active: 2, xor: '0123456789abcdef' },
      found: { active: 1, xor: '0000000000000000' },
    };
    const drift = { kind: 'drift', ...run, partition: 1, epoch: 2, entityType: 'users', ...counts } as const;
    await ledger.record([{ ...drift, survived: false }], AT);
    const earlier = { ...drift, generation: 6 };
    await ledger.record(
      [
        { ...drift, survived: false },
        { ...drift, survived: true },
        { ...earlier, survived: false },
      ],
      AT + 1,
    );
    await ledger.record([{ ...earlier, survived: false }], AT + 2);
    const [district] = await new ConsoleLedger(scratch.connection).districts(DISTRICT);
    const time = new Date(AT + 1).toISOString();
    expect(district?.drifts).toEqual([
      {
        ...{ entityType: 'users', partition: 1, generation: 7, survived: true, ...counts },
        reportedAt: time,
      },
    ]);
    expect(district?.refreshes).toEqual([{ entityType: 'users', askedAt: time }]);
  });
});
