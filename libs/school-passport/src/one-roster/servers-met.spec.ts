/* What servers do about order, page sizes and the status of an answer. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { askOf, CollectionServer, endOf, idsOf, names, paged, rowsOf } from '../../test/collection.server.js';
import { FAST_RETRY, type Asked, type Reply } from '../../test/source.server.js';

let source: CollectionServer;

afterEach(() => source.close());

describe('a server', () => {
  it.each([
    ['orders by another collation than bytes', ['a', 'B', 'c', 'É', 'z', 'ß', 'Z', '10', '9']],
    ['has no order at all', ['m', 'a', 'z', 'b', 'y', 'c', 'x', '9', '10']],
  ])('that %s is read whole, each page overlapped', async (_name, ids) => {
    source = await CollectionServer.start(paged(ids, { total: null }), { pageLimit: 3 });
    const parts = await source.read();
    expect(idsOf(parts)).toEqual(ids);
    expect(endOf(parts).boundaries).toEqual({ matched: 4, mismatched: 0, unchecked: 0 });
  });

  it('whose order changes between two pages fails the overlap', async () => {
    const ids = names(9);
    const turning = (asked: Asked): Reply =>
      paged(askOf(asked).offset < 4 ? ids : ids.toReversed(), { total: null })(asked);
    source = await CollectionServer.start(turning, { pageLimit: 4 });
    expect(endOf(await source.read()).boundaries.mismatched).toBeGreaterThan(0);
  });

  it('whose pages fail at any size is asked for no fewer than 50 rows', async () => {
    source = await CollectionServer.start(() => ({ status: 504 }), {
      retry: { maxAttempts: 7, baseMs: 1, capMs: 2, maxRetryAfterMs: 1000 },
    });
    await expect(source.read()).rejects.toMatchObject({ code: 'status' });
    expect(source.limits).toEqual([500, 250, 125, 63, 50, 50, 50]);
  });
});

describe('an answer is judged by its status before its body', () => {
  const good = { users: rowsOf(['a']), imsx_codeMajor: 'success' };
  it.each([
    [403, 'forbidden', 1],
    [400, 'status', 2],
    [500, 'status', 3],
  ])('%d with rows and success in its body is %s', async (status, code, tries) => {
    source = await CollectionServer.start(() => ({ status, body: good }));
    await expect(source.read()).rejects.toMatchObject({ code });
    expect(source.offsets).toHaveLength(tries);
  });

  const packed = { headers: { 'content-encoding': 'gzip' } };
  const once = { ...FAST_RETRY, maxAttempts: 1 };

  it('a 401 that says it is packed and has no body renews the token all the same', async () => {
    let isRefused = true;
    const answer = (asked: Asked): Reply => {
      if (!isRefused) return paged(names(1))(asked);
      isRefused = false;
      return { status: 401, ...packed };
    };
    source = await CollectionServer.start(answer, { retry: once });
    expect(idsOf(await source.read())).toEqual(names(1));
    expect([...source.quirks]).toContain('token renewed after 401');
  });

  it('a 403 of demographics that says it is packed and has no body is not granted', async () => {
    source = await CollectionServer.start(() => ({ status: 403, ...packed }), { retry: once });
    expect(await source.read('demographics')).toEqual([{ kind: 'not-granted', status: 403 }]);
  });
});
