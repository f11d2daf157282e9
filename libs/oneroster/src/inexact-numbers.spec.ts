/* Whole numbers beyond 2^53, of which JSON.parse keeps other digits than the source wrote. */
import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRecord } from './index.js';

function read(type: EntityType, attributes: object) {
  const reading = readRecord(type, { sourcedId: 'a', ...attributes });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  const canonical = JSON.parse(reading.canonical.toString()) as Record<string, unknown>;
  delete canonical.sourcedId;
  return { canonical, warnings: reading.warnings.filter(({ reason }) => reason !== 'missing') };
}

const canonical = (type: EntityType, attributes: object) => read(type, attributes).canonical;

describe('a whole number that was not read to its last digit', () => {
  it('is no text: kept under extensions, with a warning', () => {
    const [identifier] = JSON.parse('[12345678901234567891]') as [number];
    expect(read('users', { identifier })).toEqual({
      canonical: { extensions: { identifier } },
      warnings: [{ attribute: 'identifier', reason: 'not a text' }],
    });
    expect(canonical('users', { identifier: Number.MAX_SAFE_INTEGER })).toEqual({
      identifier: '9007199254740991',
    });
  });

  it.each<[EntityType, string, unknown, string]>([
    ['users', 'grades', [9, 2 ** 53], 'not a list of codes'],
    ['courses', 'subjects', 2 ** 60, 'not a list of texts'],
    ['orgs', 'name', [-(2 ** 53)], 'not a text'],
  ])('is none in a list either: of %s in %s', (type, attribute, value, reason) => {
    expect(read(type, { [attribute]: value })).toEqual({
      canonical: { extensions: { [attribute]: value } },
      warnings: [{ attribute, reason }],
    });
  });

  it('in a list has no order either', () => {
    const grades = [9, 2 ** 53];
    expect(canonical('users', { grades })).toEqual(canonical('users', { grades: grades.toReversed() }));
  });

  it.each([[[2 ** 53, false]], [[false, 2 ** 53]]])(
    'hides no element that breaks its list, before it or behind: %j',
    (grades) => {
      expect(readRecord('courses', { sourcedId: 'a', grades }).kind).toBe('quarantined');
    },
  );

  it.each<[EntityType, object, string]>([
    ['users', { metadata: { own: { n: 2 ** 53 } } }, 'metadata'],
    ['users', { own: [1, 2 ** 53] }, 'own'],
    ['users', { userIds: [{ type: 'SIS', identifier: 2 ** 53 }] }, 'userIds'],
    ['users', { roles: [{ number: 2 ** 53 }] }, 'roles'],
  ])('is kept where anything goes, and warned of: %s with %j', (type, attributes, attribute) => {
    const reading = read(type, attributes);
    expect(JSON.stringify(reading.canonical)).toContain('9007199254740992');
    expect(reading.warnings).toEqual([{ attribute, reason: 'a number of too many digits' }]);
  });
});
