import { describe, expect, it } from '@jest/globals';
import { isAllowedHost, isHostPattern } from './allowed-hosts.js';

describe('a list of hosts', () => {
  const list = ['api.example.org', '*.example.net', '127.0.0.1'];

  it.each([
    'api.example.org',
    'API.Example.org',
    'api.example.org.',
    'a.example.net',
    'a.b.example.net',
    '127.0.0.1',
  ])('allows %s', (host) => {
    expect(isAllowedHost(host, list)).toBe(true);
  });

  it.each([
    'example.org',
    'x.api.example.org',
    'example.net',
    'badexample.net',
    'api.example.org.evil.org',
    '127.0.0.2',
  ])('does not allow %s', (host) => {
    expect(isAllowedHost(host, list)).toBe(false);
  });

  it('that is empty allows every host', () => {
    expect(isAllowedHost('anything.example', [])).toBe(true);
  });

  it.each([
    ['api.example.org', true],
    ['*.example.org', true],
    ['localhost', true],
    ['[::1]', true],
    ['*', false],
    ['*.', false],
    ['api.*.org', false],
    ['https://api.example.org', false],
    ['api.example.org:443', false],
    ['api.example.org/x', false],
  ])('may hold %s: %s', (pattern, expected) => {
    expect(isHostPattern(pattern)).toBe(expected);
  });
});
