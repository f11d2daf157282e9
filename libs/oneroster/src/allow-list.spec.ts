import { describe, expect, it } from '@jest/globals';
import { NO_SCHOOL, schoolHash, type EntityType } from '#contracts';
import { allowedOf, isAllowedName, readRecord, type RecordReading } from './index.js';

const USER = {
  ...{ sourcedId: 'a', givenName: 'Ada', familyName: 'King', email: 'a@b.org', orgs: ['s1'], zone: 'Z' },
  ...{ agentSourceIds: ['g'], metadata: { 'gg4l.primaryGrade': '9', 'gg4l.lunch': 'free' } },
};

function readAllowed(type: EntityType, names: readonly string[], raw: object): RecordReading {
  return readRecord(type, raw, allowedOf({ attributes: { [type]: names } }, type));
}

function read(type: EntityType, names: readonly string[], raw: object) {
  const reading = readAllowed(type, names, raw);
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  return { ...reading, content: JSON.parse(reading.canonical.toString()) as object };
}

describe('an allow-list', () => {
  it('leaves what it does not name out of the record, but never the GG4L ID', () => {
    expect(read('users', ['givenName'], USER).content).toEqual({ sourcedId: 'a', givenName: 'Ada' });
    expect(read('users', [], USER).content).toEqual({ sourcedId: 'a' });
  });

  it('lets everything of a type through that it does not speak of', () => {
    expect(allowedOf(null, 'users')).toBeUndefined();
    expect(allowedOf({}, 'users')).toBeUndefined();
    expect(allowedOf({ attributes: { orgs: ['name'] } }, 'users')).toBeUndefined();
  });

  it('names unknown attributes and metadata one by one or as a whole', () => {
    const extensions = (names: readonly string[]) =>
      Reflect.get(read('users', names, USER).content, 'extensions') as unknown;
    const { metadata, zone } = USER;
    expect(extensions(['extensions.zone'])).toEqual({ zone });
    expect(extensions(['metadata'])).toEqual({ metadata });
    expect(extensions(['metadata.gg4l.primaryGrade'])).toEqual({ metadata: { 'gg4l.primaryGrade': '9' } });
    expect(extensions(['extensions'])).toEqual({ metadata, zone });
    expect(extensions(['metadata.other'])).toBeUndefined();
  });

  it('leaves an attribute out under each of its spellings, also where all extensions are allowed', () => {
    expect(read('users', ['extensions'], USER).content).not.toHaveProperty('extensions.agentSourceIds');
    const misfit = { sourcedId: 'a', enabledUser: 'perhaps', extensions: { email: 'a@b.org' } };
    expect(read('users', ['extensions'], misfit).content).toEqual({ sourcedId: 'a' });
    expect(read('users', ['enabledUser'], misfit).content).toEqual({
      sourcedId: 'a',
      extensions: { enabledUser: 'perhaps' },
    });
  });

  it('makes a change of what is left out no change of the record', () => {
    const { fingerprint } = read('users', ['givenName'], USER);
    const changed = { ...USER, email: 'c@d.org', metadata: { 'gg4l.lunch': 'paid' } };
    expect(read('users', ['givenName'], changed).fingerprint).toEqual(fingerprint);
    expect(read('users', ['email'], changed).fingerprint).not.toEqual(fingerprint);
  });

  it("leaves a record's school known by its hash, and its references to be checked", () => {
    const raw = { sourcedId: 'e', school: 's1', user: { sourcedId: 'u1' }, role: 'student' };
    const reading = read('enrollments', ['role'], raw);
    expect(reading.content).toEqual({ sourcedId: 'e', role: 'student' });
    expect(reading.schoolHash).toEqual(schoolHash('s1'));
    expect(reading.references).toEqual([
      { type: 'orgs', gg4lId: 's1' },
      { type: 'users', gg4lId: 'u1' },
    ]);
  });

  it('keeps what is not published from breaking a record, or being warned of', () => {
    const raw = { sourcedId: 'c', title: { en: 'Algebra' }, school: true, course: 'k', terms: ['t'] };
    expect(readAllowed('classes', ['course', 'title'], raw).kind).toBe('quarantined');
    const reading = read('classes', ['course'], raw);
    expect(reading.schoolHash).toEqual(NO_SCHOOL);
    expect(reading.warnings.map(({ attribute }) => attribute)).toEqual(['status', 'dateLastModified']);
    expect(read('users', ['role'], { sourcedId: 'a', familyName: 'R***' }).masked).toBe(false);
  });
});

describe('a name in an allow-list', () => {
  it.each([
    ['givenName'],
    ['orgs'],
    ['metadata'],
    ['metadata.gg4l.primaryGrade'],
    ['extensions'],
    ['extensions.roles'],
  ])('%s is one of users', (name) => expect(isAllowedName('users', name)).toBe(true));

  it.each([['givenname'], ['title'], ['sourcedId'], ['roles'], ['metadata.'], [''], ['Extensions.x']])(
    '%j is none of users',
    (name) => expect(isAllowedName('users', name)).toBe(false),
  );
});
