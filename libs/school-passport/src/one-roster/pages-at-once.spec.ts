import { afterEach, describe, expect, it } from '@jest/globals';
import { askOf, CollectionServer, endOf, idsOf, names, paged } from '../../test/collection.server.js';
import type { Asked, Reply } from '../../test/source.server.js';

let source: CollectionServer;

afterEach(() => source.close());

const QUIET_MS = 15;

interface Watched {
  most: number;
}

/** Answers what was asked together once nothing more is asked, and counts how much that is. */
function watched(answer: (asked: Asked) => Reply): [(asked: Asked) => Reply, Watched] {
  const seen = { most: 0 };
  let held: (() => void)[] = [];
  const release = (): void => {
    seen.most = Math.max(seen.most, held.length);
    for (const send of held) send();
    held = [];
  };
  const quiet = setTimeout(release, QUIET_MS);
  const hold = (asked: Asked): Reply => {
    quiet.refresh();
    return { ...answer(asked), after: new Promise<void>((resolve) => held.push(resolve)) };
  };
  return [hold, seen];
}

async function read(answer: (asked: Asked) => Reply, concurrency = 4): Promise<Watched> {
  const [held, seen] = watched(answer);
  source = await CollectionServer.start(held, { pageLimit: 10, concurrency });
  const parts = await source.read();
  expect(idsOf(parts)).toEqual(names(200));
  expect(endOf(parts).boundaries.mismatched).toBe(0);
  return seen;
}

describe('pages of a collection', () => {
  it('are asked for several at once where totals are told, and given in their order, each overlapped', async () => {
    expect((await read(paged(names(200)))).most).toBe(4);
    expect(new Set(source.offsets).size).toBe(source.offsets.length);
  });

  it('are asked for one by one where no totals are told', async () => {
    expect((await read(paged(names(200), { total: null }))).most).toBe(1);
  });

  it('are asked for one by one where only one request is allowed', async () => {
    expect((await read(paged(names(200)), 1)).most).toBe(1);
  });

  it('are asked for several at once where the limit is clamped to fewer rows', async () => {
    expect((await read(paged(names(200), { most: 4 }))).most).toBe(4);
  });

  it('are all there where the total is too small', async () => {
    await read(paged(names(200), { total: 120 }));
  });

  it('are all there, and no others, where the total counts rows that are not given', async () => {
    await read(paged(names(200), { total: 350 }));
  });

  it('are all there where they come shorter and shorter, and are then asked for one by one', async () => {
    const short = (asked: Asked): Reply => paged(names(200), { most: 10 - (askOf(asked).offset % 7) })(asked);
    await read(short);
    expect(source.offsets.length).toBeLessThan(65);
  });

  it('are all there where deep ones fail until they are asked for smaller', async () => {
    const ids = names(3000);
    const [held] = watched((asked) => {
      const { offset, limit } = askOf(asked);
      return offset > 1000 && limit > 200 ? { status: 500 } : paged(ids)(asked);
    });
    source = await CollectionServer.start(held, { pageLimit: 400 });
    const parts = await source.read();
    expect(idsOf(parts)).toEqual(ids);
    expect(endOf(parts)).toMatchObject({ boundaries: { mismatched: 0, unchecked: 0 } });
    expect([...source.quirks]).toEqual(
      expect.arrayContaining(['retried after 500', 'smaller pages asked for']),
    );
    // Several failed together, and made them smaller once.
    expect(new Set(source.limits)).toEqual(new Set([400, 200]));
  });

  it('that were asked for ahead are given up with the walk', async () => {
    source = await CollectionServer.start(
      (asked) => (askOf(asked).offset === 0 ? paged(names(200))(asked) : { instead: 'silence' }),
      { pageLimit: 10 },
    );
    const parts = source.client.pages(source.server.district(), 'users');
    await parts.next();
    while (source.offsets.length < 3) await new Promise((resolve) => setImmediate(resolve));
    await parts.return(undefined);
    // Both places of the lane were taken by pages that never come.
    expect(await source.client.readOne(source.server.district(), 'users', 'x')).toBeNull();
  });
});
