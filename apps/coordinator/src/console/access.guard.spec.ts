import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { CoordinatorConfig } from '../coordinator.config.js';
import { AccessGuard } from './access.guard.js';

const TOKEN = 'correct horse';
const basic = (password: string): string => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

function isLetIn(token: string, headers: Readonly<Record<string, string>>): boolean {
  const guard = new AccessGuard(Object.assign(new CoordinatorConfig(), { COORDINATOR_TOKEN: token }));
  const http = { getRequest: () => ({ headers }), getResponse: () => ({ setHeader: () => undefined }) };
  try {
    return guard.canActivate({ switchToHttp: () => http } as unknown as ExecutionContext);
  } catch {
    return false;
  }
}

describe('access to the admin API', () => {
  it.each([
    ['lets in who asks loopback where no token is set', '', { host: '127.0.0.1:8080' }, true],
    ['lets in who asks localhost by name', '', { host: 'localhost:8080' }, true],
    ['keeps out a name that somebody pointed at loopback', '', { host: 'evil.example:8080' }, false],
    ['keeps out another web page', '', { host: '127.0.0.1:8080', origin: 'http://evil.example' }, false],
    ['lets in its own page', '', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, true],
    ['wants the token where one is set', TOKEN, { host: '127.0.0.1:8080' }, false],
    [
      'takes the token as Bearer',
      TOKEN.replace(' ', '-'),
      { host: 'x', authorization: 'Bearer correct-horse' },
      true,
    ],
    ['takes the token as a password', TOKEN, { host: 'x', authorization: basic(TOKEN) }, true],
    ['keeps out a wrong token', TOKEN, { host: 'x', authorization: 'Bearer wrong' }, false],
    ['keeps out a wrong password', TOKEN, { host: 'x', authorization: basic('wrong') }, false],
  ])('%s', (_, token, headers, isIn) => {
    expect(isLetIn(token, headers)).toBe(isIn);
  });
});
