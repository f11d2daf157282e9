import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, CLOSED, DIGEST, DISTRICT, ScratchLedger, STATES, WISH } from '../test/scratch-ledger.js';
import { OpeningLedger } from './opening.store.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('opening');
const ledger = new OpeningLedger(scratch.connection);
const settlement = new SettlementLedger(scratch.connection);
const SECONDS = AT / 1000;
const EPOCHS = { 0: 2, 1: 3 };

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

async function wished(changes: Partial<typeof WISH> = {}): Promise<void> {
  await ledger.want({ ...WISH, ...changes });
  await ledger.ask('nonce', [DISTRICT], AT);
}
const open = (at = AT): Promise<number | null> => ledger.open(DISTRICT, 'nonce', EPOCHS, at);

describe('a run', () => {
  it('is opened once for a wish, with the epochs answered', async () => {
    await wished({ attempt: 2, failures: 1 });
    expect(await open()).toBe(SECONDS);
    expect(await scratch.count('wishes')).toBe(0);
    expect(await open()).toBeNull();
    const run = { districtId: DISTRICT, generation: SECONDS };
    expect(await scratch.of(run, 'epochs')).toEqual(EPOCHS);
    expect(await scratch.of(run, 'attempt')).toBe(2);
    expect(await scratch.moments()).toEqual(['opened']);
  });

  it('has a generation above the last, also when the clock went back', async () => {
    await scratch.connection.query('update ledger.districts set last_generation = $1', [SECONDS + 50]);
    await wished();
    expect(await open()).toBe(SECONDS + 51);
  });

  it('has a generation no lower than the clock, also when the ledger was restored from an old copy', async () => {
    await scratch.connection.query('update ledger.districts set last_generation = 3');
    await wished();
    expect(await open()).toBe(SECONDS);
  });

  it.each(STATES.filter((state) => state !== 'held'))('is not opened while another is %s', async (state) => {
    const other = await scratch.put(7, state);
    await wished();
    expect(await open()).toBeNull();
    expect(await scratch.of(other, 'state')).toBe(state);
    expect(await scratch.count('wishes')).toBe(1);
    expect(await scratch.count('districts where last_generation = 0')).toBe(1);
  });

  it.each(CLOSED)('is opened after one that is %s, which stays as it is', async (state) => {
    const other = await scratch.put(7, state);
    const before = await scratch.of(other, 'runs::text');
    await wished();
    expect(await open()).toBe(SECONDS);
    expect(await scratch.of(other, 'runs::text')).toBe(before);
  });

  it('closes an undecided held one as superseded', async () => {
    const held = await scratch.put(7, 'held', { hold: 'sweep' });
    await wished();
    expect(await open()).toBe(SECONDS);
    expect(await scratch.of(held, 'state')).toBe('superseded');
    expect(await scratch.moments()).toEqual(['superseded', 'opened']);
  });

  it('and an approval of the held one never both win', async () => {
    for (let n = 0; n < 10; n += 1) {
      await scratch.reset();
      const held = await scratch.put(7, 'held', { hold: 'sweep' });
      await wished();
      const [generation, isApproved] = await Promise.all([
        open(),
        settlement.approve(held, DIGEST, 'who', 'why', AT),
      ]);
      expect([generation !== null, isApproved].filter(Boolean)).toHaveLength(1);
      expect(await scratch.of(held, 'state')).toBe(isApproved ? 'sweeping' : 'superseded');
    }
  });

  it('is not opened for a suspended district, and its wish is gone', async () => {
    await wished();
    await scratch.list('expired');
    expect(await open()).toBeNull();
    expect(await scratch.count('wishes')).toBe(0);
    expect(await ledger.want(WISH)).toBe(false);
  });

  it('is not opened for a district that was suspended while its wish was taken up', async () => {
    await wished();
    await scratch.connection.query(`update ledger.districts set state = 'suspended'`);
    expect(await open()).toBeNull();
    expect(await scratch.count('runs')).toBe(0);
  });

  it('is not opened for another ASK than its wish waits on', async () => {
    await wished();
    expect(await ledger.open(DISTRICT, 'an older nonce', EPOCHS, AT)).toBeNull();
    expect(await scratch.count('wishes')).toBe(1);
  });

  it('notes what was pulled, unless it is a dry run', async () => {
    await wished({ dryRun: true });
    await open();
    expect(await scratch.count('districts where pulled_at is null and pulled_stamp is null')).toBe(1);
    await scratch.connection.query(`update ledger.runs set state = 'aborted'`);
    await wished();
    await open();
    expect(await scratch.count(`districts where pulled_at is not null and pulled_stamp = 'S-1'`)).toBe(1);
  });
});

describe('a wish', () => {
  it('is not doubled, but one that is asked for takes the place of a retry and keeps its ASK', async () => {
    await wished({ failures: 3 });
    expect(await ledger.want(WISH)).toBe(false);
    expect(await ledger.wantNow({ ...WISH, dryRun: true })).toBe(true);
    expect(await scratch.count(`wishes where dry_run and failures = 0 and nonce = 'nonce'`)).toBe(1);
  });

  it('that already waits on an ASK is not given another', async () => {
    await wished();
    await ledger.ask('another', [DISTRICT], AT);
    expect(await scratch.count(`wishes where nonce = 'nonce'`)).toBe(1);
  });

  it('whose ASK was given up is due later, with its trouble', async () => {
    await wished();
    await ledger.postpone('nonce', 'no answer from partition 1', AT + 60_000);
    expect(await scratch.count(`wishes where nonce is null and trouble like '%partition 1'`)).toBe(1);
  });
});
