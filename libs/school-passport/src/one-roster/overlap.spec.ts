import { afterEach, describe, expect, it } from '@jest/globals';
import { askOf, CollectionServer, endOf, idsOf, names, paged, rowsOf } from '../../test/collection.server.js';
import type { Asked, Reply } from '../../test/source.server.js';

let source: CollectionServer;

afterEach(() => source.close());

const start = async (answer: (asked: Asked) => Reply, pageLimit = 3): Promise<CollectionServer> =>
  (source = await CollectionServer.start(answer, { pageLimit }));

describe('each page', () => {
  it('begins at the last row of the one before, which is told once', async () => {
    const { client } = await start(paged(names(7), { total: null }));
    const parts = [];
    for await (const part of client.pages(source.server.district(), 'users')) parts.push(part);
    expect(idsOf(parts)).toEqual(names(7));
    expect(source.offsets).toEqual([0, 2, 4, 6, 7]);
    expect(endOf(parts).boundaries).toEqual({ matched: 3, mismatched: 0, unchecked: 0 });
  });

  it('that holds only the last row is the end where the total says so too', async () => {
    await start(paged(names(7)));
    expect(idsOf(await source.read())).toEqual(names(7));
    expect(Math.max(...source.offsets)).toBe(6);
  });

  it('that holds only the last row is no end without a total: what follows is asked for', async () => {
    const hidden = paged(names(9), { total: null });
    const short = (asked: Asked): Reply =>
      askOf(asked).offset === 2 ? { body: { users: rowsOf(['id-2']) } } : hidden(asked);
    await start(short);
    const parts = await source.read();
    expect(idsOf(parts)).toEqual(names(9));
    expect(endOf(parts).boundaries).toMatchObject({ mismatched: 0, unchecked: 1 });
  });
});

describe('a row that goes from before the cursor in mid-pull', () => {
  /** From the second page on without the first record. */
  const shrinking = (all: readonly string[]) => (asked: Asked) =>
    paged(askOf(asked).offset === 0 ? all : all.slice(1), { total: null })(asked);

  it('fails the overlap, and so the live row that was skipped is not taken for absent', async () => {
    await start(shrinking(names(8)));
    expect(endOf(await source.read()).boundaries.mismatched).toBe(1);
  });

  it('fails the overlap also where the last page is emptied by it', async () => {
    await start(shrinking(names(3)));
    const parts = await source.read();
    expect(idsOf(parts)).toEqual(names(3));
    expect(endOf(parts).boundaries.mismatched).toBe(1);
  });
});

it('a row that comes before the cursor in mid-pull fails the overlap, and is no error', async () => {
  const all = names(8);
  await start((asked) => paged(askOf(asked).offset === 0 ? all : ['new', ...all], { total: null })(asked));
  const parts = await source.read();
  expect(new Set(idsOf(parts))).toEqual(new Set(all));
  expect(endOf(parts).boundaries.mismatched).toBe(1);
});

describe('a server that', () => {
  it('rounds offsets to whole pages is read without overlap', async () => {
    const ids = names(8);
    const rounding = (asked: Asked): Reply => {
      const { offset } = askOf(asked);
      return { body: { users: rowsOf(ids.slice(offset - (offset % 3), offset - (offset % 3) + 3)) } };
    };
    await start((asked) => (askOf(asked).offset >= 8 ? { body: { users: [] } } : rounding(asked)));
    const end = endOf(await source.read());
    expect(end.boundaries).toEqual({ matched: 0, mismatched: 0, unchecked: 3 });
    expect([...source.quirks]).toContain('no overlap');
    expect(end.offset).toBe(8);
  });

  /** Pages of three by rounded offsets; while the first one is read, one of its records goes. */
  const emptiedTail =
    (totalAt: (offset: number, count: number) => number | null) =>
    (asked: Asked): Reply => {
      const { offset } = askOf(asked);
      const left = source.offsets.length > 2 ? names(4).slice(1) : names(4);
      const begin = offset - (offset % 3);
      const total = totalAt(offset, left.length);
      const headers: Record<string, string> = total === null ? {} : { 'x-total-count': String(total) };
      return { headers, body: { users: rowsOf(left.slice(begin, begin + 3)) } };
    };

  it.each<[string, (offset: number, count: number) => number | null]>([
    ['tells no totals', () => null],
    ['tells a total behind the last row only', (offset, count) => (offset < 3 ? null : count)],
    ['tells totals but behind the last row', (offset) => (offset < 3 ? 4 : null)],
  ])(
    'rounds offsets and %s has an end that nothing checks: all behind it may have slipped',
    async (_, at) => {
      await start(emptiedTail(at));
      const parts = await source.read();
      expect(idsOf(parts)).toEqual(names(3));
      expect(endOf(parts).boundaries).toEqual({ matched: 0, mismatched: 0, unchecked: 1 });
    },
  );

  it('rounds offsets and tells a total that was reached, before its end and there, has one that is checked', async () => {
    await start((asked) => {
      const { offset } = askOf(asked);
      const users = rowsOf(names(3).slice(offset - (offset % 3), offset - (offset % 3) + 3));
      return { headers: { 'x-total-count': '3' }, body: { users } };
    });
    expect(endOf(await source.read()).boundaries).toEqual({ matched: 0, mismatched: 0, unchecked: 0 });
  });

  it('rounds offsets is at its end only where it says so twice', async () => {
    const ids = names(11);
    let isOut = false;
    await start((asked) => {
      const { offset } = askOf(asked);
      // Once, the last page is not there.
      if (offset === 9 && !isOut) return ((isOut = true), { status: 404 });
      const begin = offset < 11 ? offset - (offset % 3) : offset;
      return { body: { users: rowsOf(ids.slice(begin, begin + 3)) } };
    });
    expect(idsOf(await source.read())).toEqual(ids);
    expect(source.offsets).toEqual([0, 2, 3, 6, 9, 9, 11, 11]);
  });

  it('has overlapped pages and gives one of them again ends the pull with a clear error', async () => {
    const ids = names(16);
    const page = paged(ids, { total: null });
    await start((asked) =>
      askOf(asked).offset === 4 ? { body: { users: rowsOf(ids.slice(2, 5)) } } : page(asked),
    );
    await expect(source.read()).rejects.toMatchObject({ code: 'repeated-page' });
  });

  it('gives one row a page is read without overlap', async () => {
    await start(paged(names(4), { most: 1 }));
    const parts = await source.read();
    expect(idsOf(parts)).toEqual(names(4));
    expect(endOf(parts).boundaries).toEqual({ matched: 0, mismatched: 0, unchecked: 3 });
  });

  it('ignores offset ends the pull with a clear error', async () => {
    await start(() => ({ body: { users: rowsOf(names(3)) } }));
    await expect(source.read()).rejects.toMatchObject({ code: 'repeated-page' });
  });

  it('ignores offset and gives a single row ends the pull with a clear error', async () => {
    await start(() => ({ body: { users: rowsOf(['a']) } }));
    await expect(source.read()).rejects.toMatchObject({ code: 'repeated-page' });
  });

  it.each([
    ['and has the page that is asked for', 30],
    ['and has it not', 9],
  ])('counts pages instead of rows %s ends the pull with a clear error', async (_name, count) => {
    const ids = names(count);
    await start((asked) => {
      const { offset, limit } = askOf(asked);
      return { body: { users: rowsOf(ids.slice(offset * limit, (offset + 1) * limit)) } };
    });
    await expect(source.read()).rejects.toMatchObject({ code: 'counts-pages' });
  });
});
