import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeChange, NO_SCHOOL } from '#contracts';
import { readRecord } from '#oneroster';
import { decodeEntries, foldChanges, type ChangeEntry } from '#roster-consumer';
import { PostgresRosterStore } from './roster.store.js';
import { RowReader, type RowVersion } from './row-reader.js';
import { RowRepair } from './row-repair.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('a row that is mended', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  const write = (...events: readonly ChangeEntry[]) =>
    new PostgresRosterStore(scratch.database).write('users', 0, foldChanges(events), []);
  const rowOf = async (gg4lId: string) =>
    (await new RowReader(scratch.database).some('users', [{ districtId: 'd', gg4lId }]))[0];
  const mend = (gg4lId: string, version: RowVersion | null, ...events: readonly ChangeEntry[]) =>
    new RowRepair(scratch.database).mend('users', [
      { districtId: 'd', gg4lId, partition: 0, version, events },
    ]);
  async function found(gg4lId: string): Promise<RowVersion> {
    const row = await rowOf(gg4lId);
    if (row === undefined) throw new Error(`${gg4lId} has a row`);
    return row.version;
  }

  it('goes where no event tells of it', async () => {
    await write(event('too-many', 5));
    await mend('too-many', await found('too-many'));
    expect(await rowOf('too-many')).toBeUndefined();
  });

  it('stays where its id came back after it was found too many', async () => {
    await write(event('back', 5));
    const version = await found('back');
    await write(event('back', 9));
    await mend('back', version);
    expect(await rowOf('back')).toMatchObject({ generation: 9 });
  });

  it('stays where the same generation was written again, from elsewhere in the log', async () => {
    await write(event('again', 5));
    const version = await found('again');
    await scratch.query(`delete from roster.users where gg4l_id = 'again'`);
    await write(event('again', 5, 700n));
    await mend('again', version);
    expect(await rowOf('again')).toMatchObject({ generation: 5 });
  });

  it('is not brought back where it was taken away after it was found wrong', async () => {
    await write(event('gone', 5));
    const version = await found('gone');
    await scratch.query(`delete from roster.users where gg4l_id = 'gone'`);
    await mend('gone', version, event('gone', 5));
    expect(await rowOf('gone')).toBeUndefined();
  });

  it('is made from its events where it was missing, and where it tells of a change that nobody published', async () => {
    await mend('wrong', null, event('wrong', 5));
    expect(await rowOf('wrong')).toMatchObject({ generation: 5 });
    await scratch.query(`update roster.users set generation = 99, log_offset = null where gg4l_id = 'wrong'`);
    await mend('wrong', await found('wrong'), event('wrong', 5));
    expect(await rowOf('wrong')).toMatchObject({ generation: 5 });
  });
});

function event(gg4lId: string, generation: number, offset = 500n + BigInt(generation)): ChangeEntry {
  const reading = readRecord('users', { sourcedId: gg4lId, username: gg4lId });
  if (reading.kind !== 'record') throw new Error('a spec makes good records');
  const { value } = encodeChange({
    districtId: 'd',
    entityType: 'users',
    gg4lId,
    verb: 'created',
    generation,
    epoch: 1,
    time: new Date(generation * 1000).toISOString(),
    fingerprint: reading.fingerprint,
    schoolHash: NO_SCHOOL,
    body: reading.canonical,
  });
  const [entry] = decodeEntries('users', [{ offset, value }]);
  if (entry?.kind !== 'change') throw new Error('it is a change');
  return entry;
}
