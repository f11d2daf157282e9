import { describe, expect, it } from '@jest/globals';
import { MemoryPorts, RUN } from '../../test/memory.ports.js';
import { Lease } from './lease.js';

const TIMES = { leaseMs: 15_000, renewMs: 5_000 };
const leaseOf = ({ ledger, clock }: MemoryPorts): Lease =>
  new Lease(RUN, 'me', ledger, clock, TIMES, clock.elapsedMs());

describe('a lease', () => {
  it('lasts from when its renewal was asked for, however late the answer', async () => {
    const ports = new MemoryPorts();
    const lease = leaseOf(ports);
    ports.renewal = async () => {
      await ports.clock.pass(10_000);
      return true;
    };
    await lease.confirm();
    await ports.clock.pass(TIMES.leaseMs - 10_001);
    expect(() => lease.assertLive()).not.toThrow();
    await ports.clock.pass(1);
    expect(() => lease.assertLive()).toThrow('the lease is lost: it has run out');
  });

  it('that could not be renewed for as long as it lasts ends what hangs', async () => {
    const ports = new MemoryPorts();
    const lease = leaseOf(ports);
    ports.renewal = () => Promise.reject(new Error('away'));
    lease.start();
    const aborted: boolean[] = [];
    for (let past = 0; past < TIMES.leaseMs; past += TIMES.renewMs) {
      await ports.clock.pass(TIMES.renewMs);
      aborted.push(lease.signal.aborted);
    }
    expect(aborted).toEqual([false, false, true]);
  });
});
