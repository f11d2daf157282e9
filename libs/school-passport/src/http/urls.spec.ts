import { describe, expect, it } from '@jest/globals';
import { toOneRosterBase, toSafeUrl } from './urls.js';

describe('URLs that arrive in answers', () => {
  it.each([
    ['https://api.example.org/x/', false, 'https://api.example.org/x'],
    ['api.example.org', false, 'https://api.example.org'],
    ['api.example.org:8443/base', false, 'https://api.example.org:8443/base'],
    ['http://127.0.0.1:4000/x', true, 'http://127.0.0.1:4000/x'],
    ['http://localhost:4000', true, 'http://localhost:4000'],
    ['127.0.0.1:4000', true, 'http://127.0.0.1:4000'],
    ['http://[::1]:4000', true, 'http://[::1]:4000'],
  ])('%s is taken (http allowed: %s)', (text, allowHttp, expected) => {
    expect(toSafeUrl('apiUrl', text, allowHttp)).toBe(expected);
  });

  it.each([
    ['http://api.example.org', true],
    ['http://127.0.0.1:4000', false],
    ['http://127.0.0.1.example.org', true],
    ['ftp://127.0.0.1', true],
    ['https://user:secret@api.example.org', false],
    ['https://api.example.org/?token=secret', false],
    ['https://', false],
    ['', false],
  ])('%s is refused (http allowed: %s), and the message does not repeat it', (text, allowHttp) => {
    const take = (): string => toSafeUrl('apiUrl', text, allowHttp);
    expect(take).toThrow(/^apiUrl /);
    expect(take).not.toThrow(/secret|example/);
  });

  const base = 'https://h/datahub/services/ims/oneroster/v1p1';
  it.each([
    ['https://h', base],
    ['https://h/datahub', base],
    ['https://h/datahub/services', base],
    ['https://h/datahub/services/ims/oneroster', base],
    [base, base],
    [`${base}/users`, base],
    ['https://h/tenant7', 'https://h/tenant7/datahub/services/ims/oneroster/v1p1'],
    ['https://h/other/ims/oneroster/v1p1', 'https://h/other/ims/oneroster/v1p1'],
    ['https://h/ims/oneroster/rostering/v1p2/orgs', 'https://h/ims/oneroster/rostering/v1p2'],
    ['https://h/ims/oneroster/v1p2/orgs', 'https://h/ims/oneroster/v1p2'],
  ])('the base of %s is %s', (apiUrl, expected) => {
    expect(toOneRosterBase(apiUrl)).toBe(expected);
  });
});
