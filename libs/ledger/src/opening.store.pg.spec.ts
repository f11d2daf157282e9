import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, DISTRICT, ScratchLedger, WISH } from '../test/scratch-ledger.js';
import { OpeningLedger } from './opening.store.js';

const scratch = new ScratchLedger('opening');
const ledger = new OpeningLedger(scratch.connection);

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

async function wished(changes: Partial<typeof WISH> = {}): Promise<void> {
  await ledger.want({ ...WISH, ...changes });
  await ledger.ask('nonce', [DISTRICT], AT);
}

describe('a run', () => {
  it('notes what was pulled, unless it is a dry run', async () => {
    await wished({ dryRun: true });
    await ledger.open(DISTRICT, 'nonce', {}, AT);
    expect(await scratch.count('districts where pulled_at is null and pulled_stamp is null')).toBe(1);
    await scratch.connection.query(`update ledger.runs set state = 'aborted'`);
    await wished();
    await ledger.open(DISTRICT, 'nonce', {}, AT);
    expect(await scratch.count(`districts where pulled_at is not null and pulled_stamp = 'S-1'`)).toBe(1);
  });
});

describe('a wish', () => {
  it('that is asked for takes the place of a retry and keeps its ASK', async () => {
    await wished({ failures: 3 });
    expect(await ledger.wantNow({ ...WISH, dryRun: true })).toBe(true);
    expect(await scratch.count(`wishes where dry_run and failures = 0 and nonce = 'nonce'`)).toBe(1);
  });
});
