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
