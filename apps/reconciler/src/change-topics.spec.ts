import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeChange,
  encodeFence,
  encodeWatermark,
  hash64,
  NO_SCHOOL,
  schoolHash,
  type Change,
  type ChangeVerb,
} from '#contracts';
import { digestAttributes, NO_DIGESTS } from '#oneroster';
import { toLoggedChange } from './change-topics.client.js';

const BODY_MARK = ',"datacontenttype":"application/json","data":';

function changeOf(gg4lId: string, verb: ChangeVerb, schoolId?: string): Change {
  const isArchived = verb === 'archived';
  return {
    districtId: 'maple-valley',
    entityType: 'users',
    gg4lId,
    verb,
    generation: 1_725_000_000,
    epoch: 3,
    time: '2024-08-01T06:00:00.000Z',
    fingerprint: Buffer.concat([hash64(gg4lId), hash64('more')]),
    schoolHash: schoolId === undefined ? NO_SCHOOL : schoolHash(schoolId),
    ...(isArchived ? { cause: 'absent' as const } : { body: bodyOf(gg4lId), dateLastModified: BODY_MARK }),
  };
}

function bodyOf(sourcedId: string): Buffer {
  return Buffer.from(
    JSON.stringify({ extensions: { note: BODY_MARK, type: 'roster.users.archived' }, sourcedId }),
  );
}

function logged(change: Change) {
  return toLoggedChange({ offset: 7n, value: encodeChange(change).value });
}

describe('a message of a change topic, as a rebuild reads it', () => {
  it.each(['created', 'updated', 'restored', 'archived'] as const)(
    'is what was written, of any id and school: %s',
    (verb) => {
      const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
      const awkward = fc.constantFrom(BODY_MARK, '"', '\\', '","epoch":99', 'nul\u0001', '🏫');
      fc.assert(
        fc.property(fc.oneof(ids, awkward), fc.option(ids, { nil: undefined }), (gg4lId, school) => {
          const change = changeOf(gg4lId, verb, school);
          const { districtId, generation, epoch, fingerprint } = change;
          expect(logged(change)).toEqual({
            kind: 'change',
            offset: 7n,
            districtId,
            gg4lId,
            verb,
            generation,
            epoch,
            fingerprint,
            schoolHash: change.schoolHash,
            digests: change.body === undefined ? NO_DIGESTS : digestAttributes('users', change.body),
            archivedAtMs: verb === 'archived' ? Date.parse(change.time) : 0,
          });
        }),
      );
    },
  );

  it('says of an archive that is sent again when it was made', () => {
    const archive: Change = { ...changeOf('ada', 'archived'), cause: 'refresh' };
    expect(logged(archive)).toMatchObject({ archivedAtMs: 0 });
    const archivedAt = '2024-07-01T06:00:00.000Z';
    expect(logged({ ...archive, archivedAt })).toMatchObject({ archivedAtMs: Date.parse(archivedAt) });
  });

  it('is a fence or a watermark with its epoch', () => {
    const time = '2024-08-01T06:00:00.000Z';
    const fence = encodeFence({ entityType: 'users', partition: 1, epoch: 4, author: 'me.1', time });
    expect(toLoggedChange({ offset: 1n, ...fence })).toEqual({
      kind: 'fence',
      offset: 1n,
      epoch: 4,
      author: 'me.1',
    });
    const fields = {
      districtId: 'd',
      entityType: 'users',
      partition: 1,
      generation: 9,
      epoch: 4,
      time,
    } as const;
    const watermark = encodeWatermark({ ...fields, active: 0, xor: '0000000000000000' });
    expect(toLoggedChange({ offset: 2n, ...watermark })).toEqual({
      kind: 'watermark',
      offset: 2n,
      districtId: 'd',
      generation: 9,
      epoch: 4,
    });
  });

  it('is a tombstone of the record that its key names', () => {
    const tombstone = (key: string | null) =>
      toLoggedChange({ offset: 3n, value: null }, key === null ? null : Buffer.from(key));
    expect(tombstone('d/users/a/b')).toEqual({
      kind: 'tombstone',
      offset: 3n,
      districtId: 'd',
      entityType: 'users',
      gg4lId: 'a/b',
    });
    for (const key of ['!watermark/d', 'd/teachers/a', null])
      expect(tombstone(key)).toEqual({ kind: 'unreadable', offset: 3n });
  });

  it.each([
    ['nothing', null],
    ['no JSON', Buffer.from('{')],
    ['an array', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['an unknown type', Buffer.from('{"type":"roster.teachers.created"}')],
    ['a fingerprint too short', tampered('"fingerprint":"', '"fingerprint":"00')],
    ['an epoch above the highest', tampered('"epoch":3', '"epoch":3000000000')],
    ['a generation that is text', tampered('"generation":', '"generation":"x","was":')],
    ['a district that is none', tampered('/districts/', '/somewhere/')],
  ])('is unreadable where it is %s', (_, value) => {
    expect(toLoggedChange({ offset: 3n, value })).toEqual({ kind: 'unreadable', offset: 3n });
  });
});

function tampered(found: string, put: string): Buffer {
  return Buffer.from(String(encodeChange(changeOf('ada', 'created')).value).replace(found, put));
}
