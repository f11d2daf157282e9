import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunKey, RunState } from '#contracts';
import { ScratchLedger } from '../test/scratch-ledger.js';
import { ConfirmingLedger } from './confirming.store.js';
import { DistrictLedger } from './district.store.js';
import { ReadingLedger } from './reading.store.js';

const IDS = ['d-1', 'd-2', 'd-3'];
const scratch = new ScratchLedger('claims');
const { connection } = scratch;
const reading = new ReadingLedger(connection);
const confirming = new ConfirmingLedger(connection);

beforeAll(() => connection.migrate());
afterAll(() => scratch.drop());

type Claim = () => Promise<RunKey | null>;

describe.each<readonly [what: string, state: RunState, claim: Claim]>([
  ['to read', 'opened', () => reading.claim('me', 15_000, 10)],
  ['to confirm', 'confirming', () => confirming.claim('me', 15_000)],
])('a claim of a run %s', (_what, state, claim) => {
  it.each([0, 1, 2, 3])('takes one run, also as planned for a table of %s rows', async (known) => {
    await scratch.empty();
    const listed = IDS.map((districtId) => ({ districtId, name: '', readyStamp: null, suspended: null }));
    await new DistrictLedger(connection).note(listed);
    for (const [at, district_id] of IDS.entries()) {
      if (at === known) await connection.query('vacuum analyze ledger.runs');
      await scratch.put(7, state, { district_id });
    }
    if (known === IDS.length) await connection.query('vacuum analyze ledger.runs');
    const claimed: (string | undefined)[] = [];
    for (let n = 0; n <= IDS.length; n += 1) claimed.push((await claim())?.districtId);
    expect(claimed).toEqual([...IDS, undefined]);
  });
});
