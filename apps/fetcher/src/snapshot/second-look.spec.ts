import { describe, expect, it } from '@jest/globals';
import type { ProofPoint } from '#ledger';
import { DISTRICT, MemoryPorts, RUN } from '../../test/memory.ports.js';
import { RunFetch } from '../run/fetch-run.js';

const settings = { owner: 'me', partitions: 3, leaseMs: 15_000, renewMs: 5_000 };
const user = (sourcedId: string, change: object = {}) => ({ sourcedId, givenName: 'A', ...change });

/** A source of two rows a page that gives no overlap, no totals and no stamp; `onPage` may change its users. */
function doubtful(users: unknown[]): { readonly ports: MemoryPorts; readonly pages: () => number } {
  const ports = new MemoryPorts({ users });
  ports.boundaries = { matched: 0, mismatched: 0, unchecked: 1 };
  ports.totals = null;
  ports.district = { ...DISTRICT, readyStamp: null };
  let pages = 0;
  ports.onPage = () => {
    pages += 1;
  };
  return { ports, pages: () => pages };
}

async function point4(ports: MemoryPorts): Promise<ProofPoint | undefined> {
  const fetch = new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
  expect((await fetch.fetch()).kind).toBe('read');
  return ports.reading?.proof[3];
}

it('fails point 4 where a record that came hides from the totals one that was skipped', async () => {
  const users = ['a', 'b', 'c', 'd', 'e'].map((id) => user(id));
  const { ports } = doubtful(users);
  ports.totals = 'told';
  let pages = 0;
  ports.onPage = () => {
    // 'a' goes and 'f' comes between the first page and the second: as many as before, and 'c' slips.
    if ((pages += 1) !== 2) return;
    users.shift();
    users.push(user('f'));
  };
  expect(await point4(ports)).toEqual({
    ...{ point: 4, state: 'failed', finding: 'Records that only a second look found: 1 in users.' },
  });
});

describe('a collection whose pages cannot be overlapped, with neither totals nor a stamp', () => {
  it('is read a second time, which finds nothing new, and is sent once', async () => {
    const { ports, pages } = doubtful(['a', 'b', 'c'].map((id) => user(id)));
    expect(await point4(ports)).toMatchObject({
      state: 'proven',
      finding: expect.stringMatching(/A second look found nothing new: .*users/),
    });
    expect(pages()).toBe(4);
    expect(ports.reading?.rows.users).toBe(3);
  });

  it('fails point 4 where a delete before the cursor made a live record be skipped', async () => {
    const users = ['a', 'b', 'c', 'd', 'e'].map((id) => user(id));
    const { ports } = doubtful(users);
    let pages = 0;
    ports.onPage = () => {
      // 'a' goes between the first page and the second, which then begins behind 'c'.
      if ((pages += 1) === 2) users.shift();
    };
    expect(await point4(ports)).toEqual({
      ...{ point: 4, state: 'failed', finding: 'Records that only a second look found: 1 in users.' },
    });
  });

  it('does not miss a record that was withdrawn, or that has no usable id', async () => {
    const users = [user('a'), user('b'), user('c')];
    const { ports } = doubtful(users);
    let pages = 0;
    ports.onPage = () => {
      if ((pages += 1) === 3) users.push(user('w', { status: 'tobedeleted' }), user(''));
    };
    expect(await point4(ports)).toMatchObject({ state: 'proven' });
  });

  it.each<[string, number, (ports: MemoryPorts, users: unknown[]) => void]>([
    ['gives nobody', 3, (_ports, users) => void users.splice(0)],
    ['is not granted any more', 2, (ports) => void ports.notGranted.add('users')],
  ])('fails point 4 where the second look %s: it has proven nothing', async (_name, page, change) => {
    const users = ['a', 'b', 'c'].map((id) => user(id));
    const { ports } = doubtful(users);
    let pages = 0;
    ports.onPage = () => {
      if ((pages += 1) === page) change(ports, users);
    };
    expect(await point4(ports)).toEqual({
      ...{ point: 4, state: 'failed', finding: 'A second look did not see all of it: users.' },
    });
  });

  it('is not believed where it cannot be looked at again', async () => {
    const { ports } = doubtful(['a', 'b', 'c'].map((id) => user(id)));
    let pages = 0;
    ports.onPage = () => {
      if ((pages += 1) === 3) throw new Error('gone');
    };
    const fetch = new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
    expect((await fetch.fetch()).kind).toBe('failed');
  });
});

it('a second look is taken where rows came twice: as many others may not have come at all', async () => {
  const users = ['a', 'b', 'b'].map((id) => user(id));
  const { ports } = doubtful(users);
  ports.boundaries = { matched: 1, mismatched: 0, unchecked: 0 };
  ports.district = DISTRICT;
  let pages = 0;
  ports.onPage = () => {
    if ((pages += 1) === 3) users.push(user('d'));
  };
  expect(await point4(ports)).toEqual({
    ...{ point: 4, state: 'failed', finding: 'Records that only a second look found: 1 in users.' },
  });
});

it('no second look is taken at rows that came twice where no page followed another', async () => {
  const { ports, pages } = doubtful(['a', 'a'].map((id) => user(id)));
  ports.boundaries = { matched: 0, mismatched: 0, unchecked: 0 };
  expect((await point4(ports))?.finding).not.toContain('second look');
  expect(pages()).toBe(1);
});

describe('no second look is taken', () => {
  it.each<[string, (ports: MemoryPorts) => void]>([
    ['pages were overlapped', (ports) => (ports.boundaries = { matched: 1, mismatched: 0, unchecked: 0 })],
    [
      'totals were on every page, and the source tells a stamp',
      (ports) => ((ports.totals = 'told'), (ports.district = DISTRICT)),
    ],
    [
      'rows came twice, totals were on every page, and pages were overlapped',
      (ports) => ((ports.totals = 'told'), (ports.boundaries = { matched: 1, mismatched: 0, unchecked: 0 })),
    ],
    ['the source tells a stamp', (ports) => (ports.district = DISTRICT)],
    [
      'the overlap failed already, and so the pull',
      (ports) => (ports.boundaries = { matched: 1, mismatched: 1, unchecked: 1 }),
    ],
  ])('where %s', async (_name, change) => {
    const { ports, pages } = doubtful(['a', 'b', 'c'].map((id) => user(id)));
    change(ports);
    expect((await point4(ports))?.finding).not.toContain('second look');
    expect(pages()).toBe(2);
  });
});
