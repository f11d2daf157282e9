import { afterEach, expect, it } from '@jest/globals';
import { paged } from '../../test/collection.server.js';
import { FAST_RETRY, SourceServer, type Asked } from '../../test/source.server.js';
import type { DistrictSource, ServedDistrict } from '../discovery/district-source.js';
import { HttpClient } from '../http/http.client.js';
import { OneRosterClient } from './one-roster.client.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });
let finds = 0;

afterEach(async () => {
  http.close();
  await server.close();
});

/** A client of a source whose pair is 'rotated' by now, as Discovery says too. */
async function rotated(): Promise<OneRosterClient> {
  server = await SourceServer.start((asked) => {
    if (asked.path === '/token')
      return pairOf(asked).endsWith(':rotated') ? { body: { access_token: 'new' } } : { status: 401 };
    return asked.headers.authorization === 'Bearer new' ? paged(['a'])(asked) : { status: 401 };
  });
  const find = (): Promise<DistrictSource> => {
    finds += 1;
    return Promise.resolve(server.district({ clientSecret: 'rotated' }));
  };
  return new OneRosterClient(http, { find });
}

const pairOf = ({ headers }: Asked): string =>
  Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString();
const tokensAsked = (): number => server.asked.filter(({ path }) => path === '/token').length;

async function read(client: OneRosterClient, source: ServedDistrict): Promise<void> {
  for await (const part of client.pages(source, 'users')) void part;
}

it('a pair that rotates in mid-pull is refused once: the collections that follow are read with the new one', async () => {
  const client = await rotated();
  const source = server.district();
  for (let collections = 0; collections < 3; collections += 1) await read(client, source);
  expect([finds, tokensAsked()]).toEqual([1, 2]);
  // And so is the next pull, whose source has it from the beginning.
  await read(client, server.district({ clientSecret: 'rotated' }));
  expect([finds, tokensAsked()]).toEqual([1, 2]);
});
