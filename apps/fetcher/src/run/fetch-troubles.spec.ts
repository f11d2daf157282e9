import { describe, expect, it } from '@jest/globals';
import { UnacknowledgedError } from '#kafka';
import { SchoolPassportError, SchoolPassportSettingsError } from '#school-passport';
import { MemoryPorts, RUN, type Rows } from '../../test/memory.ports.js';
import { RunFetch, type RunOutcome } from './fetch-run.js';

const settings = { owner: 'me', partitions: 3, leaseMs: 15_000, renewMs: 5_000 };
const users = (count: number): unknown[] =>
  Array.from({ length: count }, (_, n) => ({ sourcedId: `u${n}`, givenName: 'A' }));

const fetchOf = (ports: MemoryPorts): RunFetch => new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
const fetched = (ports: MemoryPorts): Promise<RunOutcome> => fetchOf(ports).fetch();

describe('a snapshot that was read while the ledger is away', () => {
  const away = (): never => {
    throw Object.assign(new Error('the ledger restarts'), { code: '57P03' });
  };

  it('is proven as soon as the ledger is back', async () => {
    const ports = new MemoryPorts({ users: users(3) });
    let asked = 0;
    ports.onFinish = () => {
      asked += 1;
      if (asked > 3) return;
      setImmediate(() => void ports.clock.pass(250));
      away();
    };
    expect((await fetched(ports)).kind).toBe('read');
    expect(asked).toBe(4);
  });

  /** Away for the first three times that it is asked, and each of them for a moment. */
  const awayThrice = <T>(ports: MemoryPorts, answer: () => Promise<T>): (() => Promise<T>) => {
    let asked = 0;
    return async () => {
      asked += 1;
      if (asked > 3) return answer();
      setImmediate(() => void ports.clock.pass(250));
      return away();
    };
  };

  it.each<[string, (ports: MemoryPorts) => void]>([
    ['before END', (ports) => (ports.renewal = awayThrice(ports, () => Promise.resolve(true)))],
    ['behind END', (ports) => (ports.ledger.lastReferences = awayThrice(ports, () => Promise.resolve(null)))],
  ])('is not thrown away where that is at its very end (%s)', async (_, change) => {
    const ports = new MemoryPorts({ users: users(3) });
    change(ports);
    expect((await fetched(ports)).kind).toBe('read');
    expect(ports.happened.slice(-5)).toEqual(['end', 'end', 'end', 'finish', 'report read']);
  });

  it('has no END if the lease runs out before the ledger is back', async () => {
    const ports = new MemoryPorts({ users: users(3) });
    ports.renewal = () => {
      setImmediate(() => void ports.clock.pass(250));
      return away();
    };
    expect(await fetched(ports)).toEqual({ kind: 'lost' });
    expect(ports.happened).not.toContain('end');
  });

  it('is lost once the lease has run out', async () => {
    const ports = new MemoryPorts({ users: users(3) });
    ports.renewal = () => Promise.resolve(true);
    ports.onFinish = async () => {
      ports.renewal = () => Promise.reject(new Error('away'));
      await ports.clock.pass(15_000);
      away();
    };
    expect(await fetched(ports)).toEqual({ kind: 'lost' });
    expect(ports.happened).not.toContain('report read');
  });
});

describe('a snapshot that cannot be read', () => {
  const rows: Rows = { users: users(6) };

  it('has no END; its failure is noted in the ledger and then reported', async () => {
    const ports = new MemoryPorts(rows);
    let pages = 0;
    ports.onPage = () => {
      pages += 1;
      if (pages === 2) throw new Error('hush');
    };
    expect(await fetched(ports)).toEqual({
      ...{ kind: 'failed', reason: 'it failed with Error', retry: 'source', quirks: [] },
    });
    expect(ports.appended.some(({ message }) => message.kind === 'end')).toBe(false);
    expect(ports.happened.slice(-2)).toEqual(['fail', 'report read-failed']);
  });

  it('is noted with what the source needed until then', async () => {
    const ports = new MemoryPorts(rows);
    ports.quirks = ['retried after 503', 'no totals'];
    ports.onPage = () => {
      throw new SchoolPassportError('retry-budget', 'the source fails too often');
    };
    const quirks = ['no totals', 'retried after 503'];
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', quirks });
    expect(ports.failureQuirks).toEqual(quirks);
  });

  it('for want of the district in the source is tried again later: one answer may lack it', async () => {
    const ports = new MemoryPorts(rows);
    ports.district = null;
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', retry: 'source' });
    expect(ports.appended).toEqual([]);
  });

  it.each([
    ['credentials that are refused', new SchoolPassportError('unauthorized', 'the source refuses them')],
    ['access that is refused', new SchoolPassportError('forbidden', 'the source refuses the collection')],
    ['a districts file that says nothing', new SchoolPassportSettingsError('the districts file is not JSON')],
  ])('for %s is tried again later: its next hour is a day away', async (_, error) => {
    const ports = new MemoryPorts(rows);
    ports.source.find = () => Promise.reject(error);
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', retry: 'source' });
  });

  it.each([
    ['a log that is away', Object.assign(new Error('no broker'), { name: 'KafkaJSConnectionError' })],
    ['a log that does not acknowledge', new UnacknowledgedError('raw', 1)],
    ['a ledger that restarts', Object.assign(new Error('it restarts'), { code: '57P03' })],
  ])('for %s, and so for no fault of the source, is tried again at once', async (_, error) => {
    const ports = new MemoryPorts(rows);
    ports.onAppend = () => {
      throw error;
    };
    expect(await fetched(ports)).toMatchObject({
      ...{ kind: 'failed', retry: 'own', reason: `it failed with ${error.name}` },
    });
  });

  it('has no END when a record is not acknowledged', async () => {
    const ports = new MemoryPorts(rows);
    ports.onAppend = (messages) => {
      if (messages.some(({ message }) => message.kind === 'records')) throw new Error('the log is away');
    };
    expect((await fetched(ports)).kind).toBe('failed');
    expect(ports.appended.some(({ message }) => message.kind === 'end')).toBe(false);
  });

  it('because the fetcher stops is left to another try', async () => {
    const ports = new MemoryPorts(rows);
    const fetch = fetchOf(ports);
    ports.onPage = () => fetch.stop();
    expect(await fetch.fetch()).toMatchObject({
      kind: 'failed',
      reason: 'the fetcher was stopped',
      retry: 'own',
    });
    expect(ports.appended.some(({ message }) => message.kind === 'end')).toBe(false);
  });

  it('by a bug is noted, and the bug is thrown on', async () => {
    const ports = new MemoryPorts(rows);
    ports.onPage = () => {
      throw new TypeError('a bug');
    };
    await expect(fetched(ports)).rejects.toThrow('a bug');
    expect(ports.failure).toEqual({ reason: 'it failed with TypeError', retry: 'source' });
  });
});

describe('a lease', () => {
  const rows: Rows = { users: users(40) };
  const afterTheLoss = (ports: MemoryPorts): string[] =>
    ports.happened.slice(ports.happened.indexOf('renew') + 1);

  it('is renewed while the run is read', async () => {
    const ports = new MemoryPorts(rows);
    ports.onPage = () => ports.clock.pass(1000);
    expect((await fetched(ports)).kind).toBe('read');
    expect(ports.happened.filter((what) => what === 'renew').length).toBeGreaterThanOrEqual(4);
  });

  it('that is lost ends the pull, and nothing more is published, noted or reported', async () => {
    const ports = new MemoryPorts(rows);
    ports.onPage = () => ports.clock.pass(1000);
    ports.renewal = () => Promise.resolve(false);
    expect(await fetched(ports)).toEqual({ kind: 'lost' });
    expect(afterTheLoss(ports)).toEqual([]);
    expect(ports.failure).toBeUndefined();
  });

  it('that is lost at the very end is noticed before END', async () => {
    const ports = new MemoryPorts(rows);
    ports.renewal = () => Promise.resolve(false);
    expect(await fetched(ports)).toEqual({ kind: 'lost' });
    expect(ports.happened).not.toContain('end');
  });

  it('is kept through a short silence of the ledger', async () => {
    const ports = new MemoryPorts(rows);
    let renewals = 0;
    ports.onPage = () => ports.clock.pass(1000);
    ports.renewal = () => (
      (renewals += 1),
      renewals === 1 ? Promise.reject(new Error('away')) : Promise.resolve(true)
    );
    expect((await fetched(ports)).kind).toBe('read');
  });

  it('is lost when the ledger is silent for as long as it lasts', async () => {
    const ports = new MemoryPorts(rows);
    ports.onPage = () => ports.clock.pass(1000);
    ports.renewal = () => Promise.reject(new Error('away'));
    expect(await fetched(ports)).toEqual({ kind: 'lost' });
    expect(ports.happened).not.toContain('end');
  });

  it('is lost when the process was stopped for longer than it lasts', async () => {
    const ports = new MemoryPorts(rows);
    let pages = 0;
    ports.onPage = async () => {
      pages += 1;
      if (pages === 3) await ports.clock.pass(60_000);
    };
    ports.renewal = () => new Promise(() => undefined);
    const outcome = await fetched(ports);
    expect(ports.happened).not.toContain('end');
    expect(outcome).toEqual({ kind: 'lost' });
  });
});
