import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Visit, type Row } from '../visit.fixture.js';
import { FAULT_KINDS, type FaultKindName } from './fault-kinds.js';

let visit: Visit;
let id: string;
let get: (path: string) => Promise<Response>;

beforeEach(async () => {
  visit = new Visit();
  await visit.start();
  ({ id, get } = await visit.firstDistrict());
});
afterEach(() => visit.end());

const on = (kind: FaultKindName, fields: Row = {}): Promise<Row> =>
  visit.control('POST', 'faults', { kind, ...fields });
const totalOf = (answer: Response): string | null => answer.headers.get('x-total-count');
const usersOf = async (answer: Response): Promise<unknown[]> =>
  ((await answer.json()) as { users: unknown[] }).users;
const idsOf = async (answer: Response): Promise<unknown[]> =>
  (await usersOf(answer)).map((user) => (user as Row).sourcedId);
const stampNow = async (): Promise<unknown> =>
  (await visit.discover())[0]?.lastDataProcessingCompletedTimestamp;

const PROMISES: Readonly<Record<FaultKindName, () => Promise<void>>> = {
  'empty-list': async () => {
    const answer = await get('users');
    expect([answer.status, totalOf(answer), await answer.json()]).toEqual([200, '0', { users: [] }]);
  },
  status: async () => {
    expect((await get('users')).status).toBe(500);
    await on('status', { status: 429, retryAfter: '2', body: 'html' });
    const answer = await get('users');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await answer.text()).toMatch(/^<!DOCTYPE/);
  },
  forbidden: async () => expect((await get('users')).status).toBe(403),
  'html-200': async () => {
    const answer = await get('users');
    expect([answer.status, (await answer.text()).slice(0, 9)]).toEqual([200, '<!DOCTYPE']);
  },
  'html-502': async () => {
    const answer = await get('users');
    expect([answer.status, (await answer.text()).slice(0, 9)]).toEqual([502, '<!DOCTYPE']);
  },
  'unknown-shape': async () => expect(await (await get('users')).json()).toEqual({}),
  'not-json': async () => {
    const answer = await get('users');
    expect(answer.status).toBe(200);
    await expect(answer.json()).rejects.toThrow(/not valid JSON/);
  },
  truncated: async () => {
    const text = await (await get('users')).text();
    expect(text.startsWith('{"users":[{')).toBe(true);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  },
  'empty-array': async () => {
    const answer = await get('users');
    expect([answer.status, totalOf(answer), await answer.json()]).toEqual([200, null, []]);
  },
  echo: async () => {
    const answer = await get('users?limit=7');
    const { sent } = (await answer.json()) as { sent: Row };
    expect([answer.status, sent.query]).toEqual([500, 'limit=7']);
    expect(sent.authorization).toMatch(/^Bearer sandbox-token-/);
    await on('echo', { target: 'token', status: 401 });
    const { partner } = visit.running;
    const told = (await (await visit.token(partner)).json()) as { sent: Row };
    expect(told.sent.pair).toBe(`${partner.clientId}:${partner.clientSecret}`);
  },
  'bare-array': async () => expect(await (await get('users')).json()).toHaveLength(88),
  slow: async () => {
    await visit.control('DELETE', 'faults');
    await on('slow', { delayMs: 200 });
    const start = performance.now();
    expect((await get('users')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(190);
  },
  drip: async () => {
    const start = performance.now();
    expect(await usersOf(await get('users'))).toHaveLength(88);
    expect(performance.now() - start).toBeGreaterThan(500);
  },
  reset: async () => {
    await expect(get('users').then((answer) => answer.text())).rejects.toThrow();
  },
  'gzip-bomb': async () => {
    const answer = await get('users');
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(1_000_000);
    await answer.body?.cancel();
  },
  'deep-json': async () => expect((await (await get('users')).text()).slice(0, 1000)).toBe('['.repeat(1000)),
  'no-usable-id': async () => {
    const users = await usersOf(await get('users'));
    expect(users).toHaveLength(88);
    const usable = users.filter(
      (user) => typeof (user as Row | null)?.sourcedId === 'string' && (user as Row).sourcedId,
    );
    expect(usable).toHaveLength(85);
  },
  'repeat-id': async () => {
    const users = await usersOf(await get('users'));
    expect((users[1] as Row).sourcedId).toBe((users[2] as Row).sourcedId);
    expect(users[1]).not.toEqual(users[2]);
  },
  'omit-record': async () => {
    const [first, second = '', ...rest] = await visit.truthIds(id, 'users');
    const pages = [await get('users?limit=2'), await get('users?limit=9&offset=2')];
    expect(pages.map(totalOf)).toEqual(['87', '87']);
    const ids = await Promise.all(pages.map(idsOf));
    expect(ids.flat()).toEqual([first, ...rest.slice(0, 10)]);
    expect((await get(`users/${second}`)).status).toBe(200);
  },
  'huge-strings': async () => {
    const users = await usersOf(await get('users?limit=5'));
    expect(users.map((user) => ((user as { huge?: string }).huge ?? '').length)).toEqual([
      0, 10_485_760, 0, 0, 0,
    ]);
  },
  'no-totals': async () => {
    const answer = await get('users');
    expect([totalOf(answer), answer.headers.get('link')]).toEqual([null, null]);
  },
  'wrong-totals': async () => expect(totalOf(await get('users'))).toBe('95'),
  'moving-totals': async () => {
    expect(totalOf(await get('users?offset=10'))).not.toBe(totalOf(await get('users?offset=20')));
  },
  'clamped-limit': async () => expect(await usersOf(await get('users?limit=80'))).toHaveLength(50),
  'short-pages': async () => expect(await usersOf(await get('users?limit=50'))).toHaveLength(30),
  'repeated-page': async () => {
    expect(await idsOf(await get('users?limit=5&offset=10'))).toEqual(
      (await visit.truthIds(id, 'users')).slice(5, 10),
    );
  },
  'ignored-offset': async () => {
    expect(await idsOf(await get('users?limit=5&offset=10'))).toEqual(
      await idsOf(await get('users?limit=5')),
    );
  },
  'stamp-moves': async () => {
    const before = await stampNow();
    await get('users');
    expect(await stampNow()).not.toBe(before);
  },
  'credentials-rotate': async () => {
    expect((await get('users')).status).toBe(200);
    expect((await get('users')).status).toBe(401);
  },
  'remove-before-cursor': async () => {
    const ids = await visit.truthIds(id, 'users');
    expect(await idsOf(await get('users?limit=10&offset=0'))).toEqual(ids.slice(0, 10));
    expect(await idsOf(await get('users?limit=10&offset=10'))).toEqual(ids.slice(11, 21));
  },
  'insert-before-cursor': async () => {
    const ids = await visit.truthIds(id, 'users');
    expect(await idsOf(await get('users?limit=10&offset=10'))).toEqual(ids.slice(9, 19));
  },
};

describe('a fault', () => {
  it.each(Object.keys(FAULT_KINDS) as FaultKindName[])('%s does what it names', async (kind) => {
    expect(await usersOf(await get('users'))).toHaveLength(88);
    await on(kind);
    await PROMISES[kind]();
  });

  it('falls only on its district, its collection, from its row on, and as often as told', async () => {
    const [, other] = await visit.discover();
    await on('forbidden', { entityType: 'users', fromOffset: 50, times: 2, districtId: id });
    await on('forbidden', { districtId: other?.districtGuid });
    expect((await get('orgs?offset=50')).status).toBe(200);
    const statuses: number[] = [];
    for (const offset of [0, 50, 60, 70]) statuses.push((await get(`users?offset=${offset}`)).status);
    expect(statuses).toEqual([200, 403, 403, 200]);
  });

  it('is switched off by its id, or with all others', async () => {
    const fault = await on('forbidden');
    expect((await get('users')).status).toBe(403);
    await visit.control('DELETE', `faults?id=${String(fault.id)}`);
    expect((await get('users')).status).toBe(200);
    await on('forbidden');
    await on('slow', { delayMs: 1 });
    await visit.control('DELETE', 'faults');
    expect((await get('users')).status).toBe(200);
  });

  it('inserts a record before the cursor whatever attributes the first one lacks', async () => {
    await visit.start({ districts: 12 });
    await on('insert-before-cursor', { times: 12 });
    for (const entry of await visit.discover()) {
      const authorization = `Bearer ${await visit.tokenText(entry)}`;
      const url = `${entry.apiUrl}/datahub/services/ims/oneroster/v1p1/users?limit=10&offset=10`;
      expect(totalOf(await fetch(url, { headers: { authorization } }))).toBe('89');
    }
  });

  it('falls on tokens, Discovery and single records where it is told to', async () => {
    const [user = ''] = await visit.truthIds(id, 'users');
    await on('status', { target: 'record', status: 503 });
    expect((await get(`users/${user}`)).status).toBe(503);
    expect((await get('users')).status).toBe(200);
    await on('html-502', { target: 'discovery', times: 1 });
    await expect(visit.discover()).rejects.toThrow(/not valid JSON/);
    await on('status', { target: 'token', status: 401 });
    expect((await visit.token(visit.running.partner)).status).toBe(401);
  });
});
