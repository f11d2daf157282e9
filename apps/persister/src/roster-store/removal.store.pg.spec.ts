import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeDeadLetter, encodeDeadLetter, type DeadLetterOrigin } from '#contracts';
import { DeadLetterStore } from './dead-letter.store.js';
import type { PlacedLetter } from './letter-rows.js';
import { RemovalStore } from './removal.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const event = { source: '/districts/d', type: 'roster.users.updated', subject: '17', generation: 5 };
const enrolled = { ...event, type: 'roster.enrollments.created', subject: 's1', data: { user: '17' } };
const cutOff = '{"subject":"17","familyName":"Lovelace"';

function letter(offset: number, contents: object | string, districtId?: string, topic = 't'): PlacedLetter {
  const place = { kind: 'message', topic, partition: 0, offset: String(offset) } as const;
  const row = { kind: 'row', generation: 5, entityType: 'users', row: offset } as const;
  const origin: DeadLetterOrigin = districtId === undefined ? place : { ...row, districtId };
  const bytes = Buffer.from(typeof contents === 'string' ? contents : JSON.stringify(contents));
  const fields = { origin, service: 'fetcher', reason: 'why', contents: bytes, at: '2026-01-01T00:00:00Z' };
  return { offset: BigInt(offset), letter: decodeDeadLetter(encodeDeadLetter(fields).value) };
}

describe('dead letters of somebody who is erased', () => {
  let scratch: ScratchRoster;
  let letters: DeadLetterStore;
  let removal: RemovalStore;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    letters = new DeadLetterStore(scratch.database);
    removal = new RemovalStore(scratch.database);
  });
  afterAll(() => scratch.close());
  beforeEach(() => scratch.query('delete from roster.dead_letters; delete from roster.suppressions'));

  const kept = async () =>
    (await scratch.query('select * from roster.dead_letters order by letter_offset')).map(
      ({ letter_offset, gg4l_id, contents }) => [
        Number(letter_offset),
        gg4l_id,
        contents?.toString() ?? null,
      ],
    );
  const erase = async () => (await removal.suppressUser('d', '17', 'receipt', ['s1'])).letters;

  const THEIRS = [
    letter(0, event),
    letter(1, enrolled),
    letter(2, cutOff),
    letter(3, { user: { sourcedId: '17' } }, 'd'),
    letter(4, '{"user":{"sourcedId":17}}', 'd'),
    letter(5, { ...event, subject: 'mother', data: { agents: ['17'] } }),
  ];
  const OTHERS = [
    letter(10, { ...event, subject: '2017', data: { email: '17@school.example', orgs: ['017'] } }),
    letter(11, { ...event, source: '/districts/e' }),
    letter(12, '{"subject":"2017", not JSON of 17'),
    letter(13, { user: { sourcedId: 170 }, seats: 17 }, 'd'),
    letter(14, { user: { sourcedId: '17' } }, 'e'),
  ];

  it('go where they name exactly them, and no others', async () => {
    await letters.write([...THEIRS, ...OTHERS]);
    const before = (await kept()).slice(THEIRS.length);
    expect(await erase()).toBe(THEIRS.length);
    expect(await kept()).toEqual(before);
  });

  it('are kept from then on, or read again, only without what they say, and not if they are about their records', async () => {
    await letters.write(OTHERS);
    const others = await kept();
    await letters.write(THEIRS);
    await erase();
    await letters.write([...THEIRS, ...OTHERS]);
    expect(await kept()).toEqual([
      ...[2, 3, 4].map((offset) => [offset, null, null]),
      [5, 'mother', null],
      ...others,
    ]);
    await removal.release('d', '17');
    await scratch.query('delete from roster.dead_letters');
    await letters.write(THEIRS);
    expect(await kept()).toHaveLength(THEIRS.length);
  });

  it('stay where an enrollment on the list is of somebody else by now', async () => {
    await erase();
    const moved = letter(6, { ...enrolled, generation: 9, data: { user: '18' } });
    const nameless = letter(7, { ...enrolled, generation: 9, data: { role: 'student' } });
    await letters.write([moved, nameless]);
    expect(await kept()).toEqual([[6, 's1', expect.stringContaining('"18"')]]);
  });

  it('go also where a raw message that cannot be read holds the id between no quotes', async () => {
    await letters.write([letter(20, '\x01\x1117{"email":"ada@d.example"', undefined, 'rollcall.raw.v1')]);
    expect(await erase()).toBe(1);
  });

  it('are written only when the list is not being changed', async () => {
    let isWritten = false;
    let written: Promise<unknown> = Promise.resolve();
    await scratch.database.transaction(async (statements) => {
      await statements.query(`select pg_advisory_xact_lock(hashtextextended('rollcall suppressions', 0))`);
      written = letters.write(THEIRS.slice(0, 1)).then(() => (isWritten = true));
      const waiting = `select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
      while (!isWritten && (await statements.query(waiting)).rows.length === 0);
      await statements.query(
        `insert into roster.suppressions (district_id, entity_type, record_hash, user_hash, receipt)
         select 'd', 'users', h, h, 'receipt' from substring(sha256(convert_to($1, 'UTF8') || '\\x00'
           || convert_to('users', 'UTF8') || '\\x00' || convert_to($2, 'UTF8')) for 8) as h`,
        ['d', '17'],
      );
    });
    await written;
    expect(await kept()).toEqual([]);
  });
});
