import { describe, expect, it } from '@jest/globals';
import { linkQuirks } from './link-header.js';

const url = 'https://source.example.org/v1p1/users';
const at = { url, end: 100, isLast: false };

describe('a Link header', () => {
  it.each<[string, string, readonly string[]]>([
    ['as it should be', `<${url}?limit=100&offset=100>; rel="next"`, []],
    ['relative', '</v1p1/users?offset=100>; rel=next', []],
    ['without next', `<${url}?offset=0>; rel="first"`, []],
    ['with next behind others', `<${url}?offset=0>; rel="first", <${url}?offset=100>; rel="next"`, []],
    [
      'as School Passport documents it',
      `${url}?limit=100&offset=101; rel="next", ${url}?limit=100&offset=0; rel="first"`,
      ['Link without brackets', 'Link that skips rows'],
    ],
    [
      'of another host',
      '<https://evil.example.org/v1p1/users?offset=100>; rel="next"',
      ['Link to another place'],
    ],
    [
      'of another scheme',
      '<http://source.example.org/v1p1/users?offset=100>; rel="next"',
      ['Link to another place'],
    ],
    [
      'of another path',
      '<https://source.example.org/users?offset=100>; rel="next"',
      ['Link to another place'],
    ],
    ['that is no URL', '<http://>; rel="next"', ['Link to another place']],
    ['that is nonsense', 'next', []],
  ])('%s is told', (_name, header, expected) => {
    expect(linkQuirks(header, at)).toEqual(expected);
  });

  it('that has a next page behind the last is told', () => {
    expect(linkQuirks(`<${url}?offset=100>; rel="next"`, { ...at, isLast: true })).toEqual([
      'Link beyond the end',
    ]);
  });

  it('of more than 2 KB is not looked at: it would hold up everything else', () => {
    const header = `<http://${'x'.repeat(2048)}>; rel="next"`;
    expect(linkQuirks(header, at)).toEqual([]);
    expect(linkQuirks(header.replace('x'.repeat(100), ''), at)).toEqual(['Link to another place']);
  });

  it('of great length is read in no time', () => {
    const header = `${'<a>; '.repeat(5000)}${', '.repeat(5000)}${'; a'.repeat(5000)}`;
    expect(linkQuirks(header, at)).toEqual([]);
  });
});
