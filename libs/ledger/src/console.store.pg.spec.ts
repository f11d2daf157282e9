import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DISTRICT, ScratchLedger } from '../test/scratch-ledger.js';
import { ConsoleLedger } from './console.store.js';

const scratch = new ScratchLedger('console');
const ledger = new ConsoleLedger(scratch.connection);
const READING = { proof: [], rows: {}, unreadable: {}, notGranted: [], references: {} };

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('a run as the console lists it', () => {
  it('tells how many records were quarantined and how many values were warned of', async () => {
    const warnings = { users: { email: { masked: 7 }, familyName: { missing: 2, empty: 1 } }, orgs: {} };
    const reading = { ...READING, quarantined: { users: 3, classes: 21 }, warnings };
    await scratch.put(7, 'completed', { reading });
    expect(await ledger.runs(DISTRICT, 5)).toMatchObject([{ generation: 7, quarantined: 24, warnings: 10 }]);
  });

  it('tells of none while it is read, or where an older version read it', async () => {
    await scratch.put(6, 'completed', { reading: { ...READING, quarantined: {} } });
    await scratch.put(7, 'opened');
    const counts = (await ledger.runs(DISTRICT, 5)).map(({ quarantined, warnings }) => [
      quarantined,
      warnings,
    ]);
    expect(counts).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

const quirksFound = (quirks: readonly string[]) => ({
  reading: { ...READING, quarantined: {}, quirks },
});

describe('what the source of a district needed', () => {
  it('is what the last run that was read to the end found', async () => {
    await scratch.put(7, 'aborted', quirksFound(['bare array']));
    await scratch.put(8, 'aborted', quirksFound(['limit clamped', 'no totals']));
    await scratch.put(9, 'aborted');
    const [district] = await ledger.districts(DISTRICT);
    expect(district?.lastRun?.generation).toBe(9);
    expect(district?.quirks).toEqual(['limit clamped', 'no totals']);
  });

  it('is also what pulls needed that failed since, each once', async () => {
    const failed = (quirks: readonly string[]) => ({
      read_failure: { reason: 'x', retry: 'source', quirks },
    });
    await scratch.put(6, 'aborted', failed(['bare array']));
    await scratch.put(7, 'aborted', quirksFound(['no totals']));
    await scratch.put(8, 'aborted', failed(['retried after 503', 'no totals']));
    await scratch.put(9, 'aborted', failed(['asked to wait']));
    const quirks = ['asked to wait', 'no totals', 'retried after 503'];
    expect((await ledger.districts(DISTRICT))[0]?.quirks).toEqual(quirks);
    const of = async (generation: number) => (await ledger.run({ districtId: DISTRICT, generation }))?.quirks;
    expect(await Promise.all([7, 8].map(of))).toEqual([['no totals'], ['retried after 503', 'no totals']]);
  });

  it('is told of a district that could never be read to the end', async () => {
    await scratch.put(7, 'aborted', {
      read_failure: { reason: 'x', retry: 'source', quirks: ['asked to wait'] },
    });
    expect((await ledger.districts(DISTRICT))[0]?.quirks).toEqual(['asked to wait']);
  });

  it('is nothing where none was read, or before it was noticed', async () => {
    await scratch.put(7, 'aborted');
    expect((await ledger.districts(DISTRICT))[0]?.quirks).toEqual([]);
    await scratch.put(8, 'aborted', { reading: { ...READING, quarantined: {} } });
    expect((await ledger.districts(DISTRICT))[0]?.quirks).toEqual([]);
  });
});
