import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeDeadLetter,
  encodeDeadLetter,
  ENTITY_TYPES,
  type DeadLetterFields,
  type EntityType,
} from '#contracts';
import { PersisterConfig } from '../persister.config.js';
import { foldChanges } from '#roster-consumer';
import { encodeSample, sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { listLetters } from './dead-letter-list.js';
import { DeadLetterStore } from './dead-letter.store.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';
import { WatermarkStore } from './watermark.store.js';

describe('watermarks that were passed', () => {
  let scratch: ScratchRoster;
  let store: WatermarkStore;
  let letters: DeadLetterStore;
  let offset = 0n;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    const config = new PersisterConfig();
    config.ROLLCALL_PARTITIONS = 2;
    store = new WatermarkStore(scratch.database, config);
    letters = new DeadLetterStore(scratch.database);
  });
  afterAll(() => scratch.close());

  const line = (districtId: string, entityType: EntityType, partition: number, generation: number) => ({
    districtId,
    entityType,
    partition,
    generation,
    epoch: 1,
    offset: 5n,
  });
  const lines = (districtId: string, generation: number) =>
    ENTITY_TYPES.flatMap((type) => [0, 1].map((partition) => line(districtId, type, partition, generation)));
  async function district(id: string): Promise<Record<string, unknown> | undefined> {
    const [found] = await scratch.query(
      'select generation, as_of, newest_generation from roster.districts where district_id = $1',
      [id],
    );
    return found;
  }

  it('are kept with where they lie', async () => {
    await store.pass([{ ...line('at', 'users', 0, 5), offset: 40n }]);
    await store.pass([{ ...line('at', 'users', 0, 6), offset: 50n }]);
    await store.pass([{ ...line('at', 'users', 0, 5), offset: 40n }]);
    const kept = `select generation::int, log_offset::int from roster.watermarks where district_id = 'at'`;
    expect(await scratch.query(kept)).toEqual([{ generation: 6, log_offset: 50 }]);
  });

  it('make a district complete when those of all types and partitions have', async () => {
    const [last, ...others] = lines('d', 100);
    if (last === undefined) throw new Error('there are some');
    await store.pass(others);
    expect(await district('d')).toEqual({ generation: null, as_of: null, newest_generation: '100' });
    await store.pass([last]);
    expect(await district('d')).toEqual({
      generation: '100',
      as_of: new Date(100_000),
      newest_generation: '100',
    });
  });

  it('leave it complete to the older generation until all have passed the newer', async () => {
    await store.pass(lines('e', 5));
    await store.pass(lines('e', 6).slice(1));
    expect(await district('e')).toMatchObject({ generation: '5', newest_generation: '6' });
    await store.pass(lines('e', 6).slice(0, 1));
    expect(await district('e')).toMatchObject({ generation: '6' });
  });

  it('never go back, whichever comes last and whatever is met twice', async () => {
    await store.pass([...lines('f', 8), ...lines('f', 7)]);
    await store.pass(lines('f', 6));
    expect(await district('f')).toMatchObject({ generation: '8' });
  });

  it('are all kept where several processes pass them at once', async () => {
    await Promise.all(lines('g', 9).map((one) => store.pass([one])));
    expect(await district('g')).toMatchObject({ generation: '9' });
  });

  async function letter(fields: Pick<DeadLetterFields, 'origin' | 'contents'>): Promise<void> {
    offset += 1n;
    const whole = { ...fields, service: 'fetcher', reason: 'why', at: '2026-01-01T00:00:00Z' };
    await letters.write([{ offset, letter: decodeDeadLetter(encodeDeadLetter(whole).value) }]);
  }
  async function cleared(districtId: string): Promise<unknown[]> {
    const rows = await scratch.query(
      'select cleared_by from roster.dead_letters where district_id = $1 order by generation',
      [districtId],
    );
    return rows.map(({ cleared_by }) => cleared_by);
  }

  it('clear the letters about rows of an older snapshot of that type, and no other', async () => {
    for (const generation of [5, 6]) {
      const origin = { kind: 'row', districtId: 'h', generation, entityType: 'users', row: 3 } as const;
      await letter({ origin, contents: Buffer.from('{}') });
    }
    await store.pass([line('h', 'orgs', 0, 7), line('other', 'users', 0, 7)]);
    expect(await cleared('h')).toEqual([null, null]);
    await store.pass([line('h', 'users', 0, 6)]);
    expect(await cleared('h')).toEqual(['6', null]);
    const filter = { districtId: 'h', contents: true };
    const open = await listLetters(scratch.database, { ...filter, all: false });
    expect(open).toMatchObject([{ generation: '6', row_number: '3', times: 1, contents: 'e30=' }]);
    expect(await listLetters(scratch.database, { ...filter, all: true })).toHaveLength(2);
  });

  it('clear the letter about a change when a row holds that change or a later one', async () => {
    const change = { verb: 'created', id: 'x', generation: 5, district: 'i' } as const;
    const origin = { kind: 'message', topic: 't', partition: 0, offset: '7' } as const;
    await letter({ origin, contents: encodeSample('users', change) });
    await store.pass([line('i', 'users', 0, 6)]);
    expect(await cleared('i')).toEqual([null]);
    const entries = sampleEntries('users', [{ ...change, verb: 'updated', generation: 7 }]);
    const changes = foldChanges(entries.filter((entry) => entry.kind === 'change'));
    await new PostgresRosterStore(scratch.database).write('users', 0, changes, []);
    await store.pass([line('i', 'users', 0, 7)]);
    expect(await cleared('i')).toEqual(['7']);
    await letter({ origin, contents: encodeSample('users', change) });
    expect(await cleared('i')).toEqual([null]);
  });
});
