import { afterEach, describe, expect, it } from '@jest/globals';
import { askOf, CollectionServer, idsOf, names, paged, rowsOf } from '../../test/collection.server.js';
import { SourceServer, type Asked, type Reply } from '../../test/source.server.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import type { OneRosterSettings } from './one-roster.client.js';

let source: CollectionServer;
let elsewhere: SourceServer | undefined;

afterEach(async () => {
  await source.close();
  await elsewhere?.close();
  elsewhere = undefined;
});

const ids = names(9);

async function quirksOf(
  answer: (asked: Asked) => Reply,
  settings: Partial<OneRosterSettings> = {},
): Promise<readonly string[]> {
  source = await CollectionServer.start(answer, { pageLimit: 4, ...settings });
  const parts = await source.read();
  expect(idsOf(parts)).toEqual(ids);
  return [...source.quirks];
}

const withBody =
  (toBody: (users: readonly object[]) => unknown) =>
  (asked: Asked): Reply => {
    const { offset, limit } = askOf(asked);
    const headers = { 'x-total-count': String(ids.length) };
    return { headers, body: toBody(rowsOf(ids.slice(offset, offset + limit))) };
  };

const once = (first: Reply, then: (asked: Asked) => Reply): ((asked: Asked) => Reply) => {
  let isFirst = true;
  return (asked) => {
    if (!isFirst) return then(asked);
    isFirst = false;
    return first;
  };
};

describe('what a server needed is noticed', () => {
  it('nothing, where it does as the standard says', async () => {
    expect(await quirksOf(paged(ids))).toEqual([]);
  });

  const imsx = { imsx_codeMajor: 'success', imsx_severity: 'status' };
  const linked = (link: string) => (asked: Asked) => {
    const reply = paged(ids)(asked);
    return { ...reply, headers: { ...reply.headers, link } };
  };
  it.each<[string, (asked: Asked) => Reply]>([
    ['no totals', paged(ids, { total: null })],
    [
      'totals on some pages only',
      (asked) => paged(ids, askOf(asked).offset > 0 ? { total: null } : {})(asked),
    ],
    ['limit clamped', paged(ids, { most: 3 })],
    ['short pages', (asked) => paged(ids, { most: askOf(asked).offset === 0 ? 2 : 3 })(asked)],
    ['sort refused', (asked) => (asked.query.has('sort') ? { status: 400 } : paged(ids)(asked))],
    ['collection under another name', withBody((students) => ({ students }))],
    ['bare array', withBody((users) => users)],
    ['byte order mark', withBody((users) => `\ufeff${JSON.stringify({ users })}`)],
    ['status beside the data', withBody((users) => ({ users, ...imsx }))],
    ['status beside the data', withBody((users) => ({ users, imsx_StatusInfo: imsx }))],
    ['status beside the data', withBody((users) => ({ statusInfoSet: [imsx], users }))],
    ['retried after 503', once({ status: 503, body: '<html>' }, paged(ids))],
    ['retried after a broken connection', once({ instead: 'break' }, paged(ids))],
    ['token renewed after 401', once({ status: 401 }, paged(ids))],
    ['asked to wait', once({ status: 429, headers: { 'retry-after': '0' } }, paged(ids))],
    ['Link to another place', linked('<https://evil.example.org/users?offset=4>; rel="next"')],
    ['Link beyond the end', linked('</ims/oneroster/v1p1/users?offset=9>; rel="next"')],
  ])('%s (%#)', async (quirk, answer) => {
    expect(await quirksOf(answer)).toContain(quirk);
  });

  it('credentials read again after 401', async () => {
    let refusals = 0;
    const answer = (asked: Asked): Reply => ((refusals += 1) <= 2 ? { status: 401 } : paged(ids)(asked));
    expect(await quirksOf(answer)).toEqual(['token renewed after 401', 'credentials read again after 401']);
  });

  it.each<[string, Reply, readonly string[]]>([
    ['what it needed before', { status: 404 }, ['retried after 503', 'smaller pages asked for']],
    ['a wait that is too long', { status: 429, headers: { 'retry-after': '7200' } }, ['asked to wait']],
    ['tries in vain', { instead: 'break' }, ['retried after a broken connection']],
  ])('also of a server that cannot be read in the end: %s', async (_name, last, quirks) => {
    source = await CollectionServer.start(once({ status: 503 }, () => last));
    await expect(source.read()).rejects.toBeInstanceOf(SchoolPassportError);
    expect([...source.quirks]).toEqual(expect.arrayContaining([...quirks]));
  });

  it('an end told by 404', async () => {
    const answer = (asked: Asked): Reply =>
      askOf(asked).offset >= ids.length ? { status: 404 } : paged(ids, { total: null })(asked);
    expect(await quirksOf(answer)).toEqual(expect.arrayContaining(['no totals', 'end told by 404']));
  });

  it('the Link header that School Passport documents: without brackets, and a row too far', async () => {
    const answer = (asked: Asked): Reply => {
      const reply = paged(ids)(asked);
      const { offset, limit } = askOf(asked);
      const link = `${source.server.url}${asked.path}?limit=${limit}&offset=${offset + limit + 1}; rel="next"`;
      return offset + limit < ids.length ? { ...reply, headers: { ...reply.headers, link } } : reply;
    };
    expect(await quirksOf(answer)).toEqual(['Link without brackets', 'Link that skips rows']);
  });
});

it('a token goes to no other origin: neither Link nor href is followed', async () => {
  const other = (elsewhere = await SourceServer.start(() => ({ body: { users: [] } })));
  await quirksOf((asked) => {
    const reply = withBody((rows) => ({
      users: rows.map((row) => ({ ...row, href: `${other.url}/users/1` })),
    }))(asked);
    const link = `<${other.url}${asked.path}?offset=4>; rel="next"`;
    return { ...reply, headers: { ...reply.headers, link } };
  });
  expect(other.asked).toEqual([]);
});

describe('an answer that cannot be trusted ends the pull, and is never an empty collection:', () => {
  it.each<[string, Reply, string]>([
    ['HTML with 200', { body: '<!DOCTYPE html><html></html>' }, 'not-json'],
    ['HTML with 502', { status: 502, body: '<html></html>' }, 'status'],
    ['{}', { body: {} }, 'unknown-shape'],
    ['an error object', { body: { error: 'oops' } }, 'unknown-shape'],
    ['a failure, bare', { body: { imsx_codeMajor: 'failure' } }, 'reported-failure'],
    [
      'a failure in a container',
      { body: { imsx_StatusInfo: { imsx_codeMajor: 'Failure' } } },
      'reported-failure',
    ],
    [
      'a failure in a list, beside no rows',
      { body: { users: [], statusInfoSet: [{ imsx_codeMajor: 'failure' }] } },
      'reported-failure',
    ],
    [
      '"unsupported" beside no rows',
      { body: { users: [], imsx_codeMajor: 'unsupported' } },
      'reported-failure',
    ],
    ['severity "error" beside no rows', { body: { users: [], imsx_severity: 'error' } }, 'reported-failure'],
    [
      'an empty list that hides another',
      { body: { users: [], students: [{ sourcedId: 'a' }] } },
      'unknown-shape',
    ],
    ['deep JSON', { body: '['.repeat(100_000) + ']'.repeat(100_000) }, 'too-deep'],
    ['a deep record', { body: `{"users":[${'{"a":'.repeat(70)}1${'}'.repeat(70)}]}` }, 'too-deep'],
  ])('%s', async (_name, reply, code) => {
    source = await CollectionServer.start(() => reply);
    await expect(source.read()).rejects.toMatchObject({ code });
  });

  it('[] alone is an empty collection, for the guard to judge', async () => {
    source = await CollectionServer.start(() => ({ body: [] }));
    expect(await source.read()).toMatchObject([{ kind: 'end', offset: 0 }]);
  });
});
