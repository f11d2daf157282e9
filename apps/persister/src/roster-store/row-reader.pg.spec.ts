import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeChange, ENTITY_TYPES, NO_SCHOOL, type EntityType } from '#contracts';
import { attributesOf, readRecord, type CanonicalKind } from '#oneroster';
import { decodeEntries, foldChanges } from '#roster-consumer';
import { PostgresRosterStore } from './roster.store.js';
import { RowReader } from './row-reader.js';
import type { RosterDatabase } from './roster-database.js';
import { openRoster, openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const ODD = fc.constantFrom(
  '2026-02-28',
  'true',
  't',
  '09,10',
  '2026-27',
  ' x ',
  'NULL',
  '{}',
  'a"b\\c',
  'ä\u2028',
);
const TEXT = fc.oneof(fc.string({ unit: 'binary' }), ODD, fc.boolean());
const JSON_VALUE = fc.oneof(fc.jsonValue(), fc.double(), fc.string({ unit: 'binary' }));
const OBJECTS = fc.array(fc.record({ type: fc.string(), identifier: JSON_VALUE }));
/** What a source may send for an attribute of a kind; a reference must name somebody. */
const VALUES: Readonly<Record<CanonicalKind, fc.Arbitrary<unknown>>> = {
  text: TEXT,
  boolean: TEXT,
  date: fc.oneof(TEXT, fc.date().map(String)),
  'text[]': fc.array(ODD),
  json: OBJECTS,
};

describe('rows read again', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  it.each(ENTITY_TYPES)(
    'of %s give the fingerprint of the record they were made from, whatever it says',
    async (type) => {
      const model: Record<string, fc.Arbitrary<unknown>> = { metadata: JSON_VALUE, another: JSON_VALUE };
      for (const { name, kind, reference } of attributesOf(type))
        model[name] = reference !== undefined && kind === 'text' ? ODD : VALUES[kind];
      const record = fc.record(model, { requiredKeys: [] });
      const sources = fc.sample(record, { numRuns: 150, seed: 7 });
      await write(type, sources);
      let rows = 0;
      for await (const page of new RowReader(scratch.database).rows(type)) {
        for (const row of page) expect(row.computed).toBe(row.fingerprint);
        rows += page.length;
      }
      expect(rows).toBeGreaterThan(100);
    },
  );

  it('are read the same where the database writes dates in another way', async () => {
    await write('demographics', [{ birthDate: '2012-03-04' }]);
    await scratch.query(`alter database ${scratch.namespace} set datestyle to 'SQL, DMY'`);
    const { database } = await openRoster(scratch.namespace);
    const [row] = await new RowReader(database).some('demographics', [{ districtId: 'd', gg4lId: 'id-0' }]);
    expect(row?.computed).toBe(row?.fingerprint);
    const [times] = await database.read(`select timestamptz '2026-03-04T05:06:07Z' as at`, []);
    expect(times).toEqual({ at: new Date('2026-03-04T05:06:07Z') });
    await database.transaction(async (statements) => {
      const { rows } = await statements.query(`select date '2026-03-04' :: text as day`);
      expect(rows).toEqual([{ day: '2026-03-04' }]);
    });
    await database.onApplicationShutdown();
    await scratch.query(`alter database ${scratch.namespace} reset datestyle`);
  });

  it('are summed up a district at a time, so that no statement grows with all of them', async () => {
    await scratch.query(`insert into roster.courses (district_id, gg4l_id, partition, generation, fingerprint)
      select 'district-' || d, n::text, n % 2, 1, '\\x00' from generate_series(1, 4) as d, generate_series(1, 100) as n`);
    const seen: (readonly [string, readonly unknown[]])[] = [];
    const database = {
      read: (text: string, values: readonly unknown[]) => {
        seen.push([text, values]);
        return scratch.database.read(text, values);
      },
    };
    const digests = await new RowReader(database as RosterDatabase).digests('courses');
    const ours = digests.filter(({ districtId }) => districtId.startsWith('district-'));
    const places = [1, 2, 3, 4].flatMap((n) => [0, 1].map((partition) => `district-${n}/${partition} 50`));
    expect(
      ours.map(({ districtId, partition, active }) => `${districtId}/${partition} ${active}`).sort(),
    ).toEqual(places);
    const [one] = await new RowReader(scratch.database).digests('courses', 'district-2');
    expect(ours).toContainEqual(one);
    for (const [text, values] of seen) expect(await rowsRead(text, values)).toBeLessThan(250);
  });

  /** By the busiest node of its plan. */
  async function rowsRead(text: string, values: readonly unknown[]): Promise<number> {
    const explained = await scratch.query(`explain (analyze, costs off, timing off) ${text}`, values);
    const lines = JSON.stringify(explained);
    const counts = [...lines.matchAll(/actual rows=(\d+)/g)].map(([, rows]) => Number(rows));
    expect(counts.length).toBeGreaterThan(0);
    return Math.max(...counts);
  }

  async function write(type: EntityType, sources: readonly object[]): Promise<void> {
    const messages = sources.flatMap((source, index) => {
      const reading = readRecord(type, { ...source, sourcedId: `id-${index}` });
      if (reading.kind !== 'record') return [];
      const { canonical: body, ...rest } = reading;
      const change = {
        ...rest,
        body,
        districtId: 'd',
        entityType: type,
        verb: 'created',
        generation: 1,
      } as const;
      const value = encodeChange({
        ...change,
        schoolHash: NO_SCHOOL,
        epoch: 1,
        time: '2026-01-01T00:00:00Z',
      }).value;
      return [{ offset: BigInt(index), value }];
    });
    const entries = decodeEntries(type, messages).filter((entry) => entry.kind === 'change');
    expect(entries).toHaveLength(messages.length);
    await new PostgresRosterStore(scratch.database).write(type, 0, foldChanges(entries), []);
  }
});
