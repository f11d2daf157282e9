import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRows, readSingle, readTotal } from './read-page.js';

const at = { method: 'GET', path: '/users', status: 200 };
const rowsOf = (answer: unknown): readonly unknown[] =>
  readRows('users', Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)), at);
const rows = [{ sourcedId: 'a' }];

describe('a page', () => {
  it.each<[string, unknown]>([
    ['under the collection key', { users: rows }],
    ['under an alias', { students: rows }],
    ['as a bare array', rows],
    ['beside a status of success', { users: rows, statusInfoSet: [{ imsx_codeMajor: 'success' }] }],
    [
      'beside a warning',
      { users: rows, imsx_StatusInfo: { imsx_codeMajor: 'success', imsx_severity: 'warning' } },
    ],
    ['beside a word of trouble, where rows came', { users: rows, error: 'slow', errors: ['oops'] }],
    ['behind a byte order mark', `\ufeff${JSON.stringify({ users: rows })}`],
  ])('is read %s', (_name, answer) => {
    expect(rowsOf(answer)).toEqual(rows);
  });

  it.each<[EntityType, string]>([
    ['orgs', 'schools'],
    ['academicSessions', 'terms'],
    ['academicSessions', 'gradingPeriods'],
    ['users', 'students'],
    ['users', 'teachers'],
    ['demographics', 'demographic'],
  ])('of %s may come under %s', (type, key) => {
    expect(readRows(type, Buffer.from(JSON.stringify({ [key]: rows })), at)).toEqual(rows);
  });

  it.each<[string, unknown, string]>([
    ['HTML', '<html>down</html>', 'not-json'],
    ['nothing', '', 'not-json'],
    ['half of it', '{"users":[{', 'not-json'],
    ['another collection', { orgs: rows }, 'unknown-shape'],
    [
      'two lists under aliases, of which neither is whole',
      { students: rows, teachers: rows },
      'unknown-shape',
    ],
    ['no list', { users: { sourcedId: 'a' } }, 'unknown-shape'],
    ['null', { users: null }, 'unknown-shape'],
    ['an error', { error: 'oops' }, 'unknown-shape'],
    ['a bare failure', { imsx_codeMajor: 'failure' }, 'reported-failure'],
    [
      'a failure beside an empty list',
      { users: [], statusInfoSet: [{ imsx_codeMajor: 'failure' }] },
      'reported-failure',
    ],
  ])('that is %s is an error, never empty', (_name, answer, code) => {
    expect(() => rowsOf(answer)).toThrow(expect.objectContaining({ code }));
  });

  it.each<[object]>([
    [{ error: 'oops' }],
    [{ error: { code: 500, message: 'oops' } }],
    [{ errors: ['oops'] }],
    [{ Errors: { users: 'oops' } }],
    [{ error: true }],
  ])('of no rows beside %j reports a failure: it is no end', (trouble) => {
    expect(() => rowsOf({ users: [], ...trouble })).toThrow(
      expect.objectContaining({ code: 'reported-failure' }),
    );
  });

  it.each<[object]>([
    [{ error: null, errors: [] }],
    [{ error: '', errors: {} }],
    [{ error: false }],
    [{ error: 0, errorCount: 1 }],
  ])('of no rows beside %j is empty', (nothing) => {
    expect(rowsOf({ users: [], ...nothing })).toEqual([]);
  });

  it('in another encoding is an error: ids could become one another', () => {
    const body = Buffer.from('{"users":[{"sourcedId":"\xe9"}]}', 'latin1');
    expect(() => readRows('users', body, at)).toThrow(expect.objectContaining({ code: 'not-json' }));
  });
});

describe('a total', () => {
  it.each([
    ['12', 12],
    [' 0 ', 0],
    ['-1', null],
    ['many', null],
    [undefined, null],
  ])('of %p is %p', (header, expected) => {
    expect(readTotal(header)).toBe(expected);
  });
});

describe('a single record', () => {
  it.each<unknown>([{ user: { sourcedId: 'a' } }, { users: [{ sourcedId: 'a' }] }, { sourcedId: 'a' }])(
    'is read from its envelope (%#)',
    (answer) => {
      expect(readSingle('users', Buffer.from(JSON.stringify(answer)), at)).toEqual({ sourcedId: 'a' });
    },
  );

  it('is an error when the envelope holds none', () => {
    expect(() => readSingle('users', Buffer.from('{"error":"x"}'), at)).toThrow('holds no record');
  });

  it('is an error, and not gone, where a list of none stands beside one', () => {
    const single = (text: string): unknown => readSingle('users', Buffer.from(text), at);
    expect(() => single('{"users":[],"error":"x"}')).toThrow('holds no record');
    expect(single('{"users":[],"error":null}')).toBeUndefined();
  });
});
