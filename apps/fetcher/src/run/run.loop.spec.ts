import { describe, expect, it } from '@jest/globals';
import { Health, Metrics, ServiceLog } from '#service';
import { MemoryPorts, RUN } from '../../test/memory.ports.js';
import { RunLoop } from './run.loop.js';

const SETTINGS = {
  ...{ owner: 'me', partitions: 3, leaseMs: 15_000, renewMs: 5_000 },
  ...{ concurrency: 1, totalConcurrency: 1, pollMs: 250 },
};
const user = (sourcedId: string, change: object) => ({ sourcedId, familyName: 'King', ...change });

describe('a run that was read', () => {
  it('is logged with its warnings and counted by type and attribute, without contents', async () => {
    const memory = new MemoryPorts({ users: [user('a', {}), user('b', { familyName: '' })] });
    const claims = [RUN];
    const ledger = { ...memory.ledger, claim: () => Promise.resolve(claims.pop() ?? null) };
    const metrics = new Metrics('fetcher');
    let loop: RunLoop | undefined;
    const line = await new Promise<string>((resolve) => {
      const log = new ServiceLog('fetcher', 'info', (said) => {
        if (said.includes('"run-read"')) resolve(said);
      });
      const { log: rawLog, source, clock } = memory;
      loop = new RunLoop({ ledger, log: rawLog, source, clock }, SETTINGS, log, metrics, new Health());
      loop.onApplicationBootstrap();
    });
    await loop?.beforeApplicationShutdown();
    expect(JSON.parse(line)).toMatchObject({
      warnings: { users: { familyName: { empty: 1 }, givenName: { missing: 2 } } },
      masked: { users: { records: 2, masked: 0 } },
    });
    expect(line).not.toContain('King');
    const text = await metrics.text();
    expect(text).toMatch(/rollcall_record_warnings_total\{[^}]*attribute="givenName"[^}]*\} 2/);
    expect(text).toMatch(/rollcall_record_warnings_total\{[^}]*attribute="familyName"[^}]*\} 1/);
  });
});
