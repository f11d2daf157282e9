import { describe, expect, it } from '@jest/globals';
import { Health, Metrics, ServiceLog } from '#service';
import { DecisionJournal } from './decision-journal.js';
import type { LedgerView } from './settlement/ports.js';

const VIEW = { runs: [{ state: 'held' }, { state: 'held' }], refreshesDue: 3, drifts: 1 };

describe('the metrics of a coordinator', () => {
  it('show what it sees while it is active, and nothing of it once another one is', async () => {
    const metrics = new Metrics('coordinator');
    const log = new ServiceLog('coordinator', 'error', () => undefined);
    const journal = new DecisionJournal(log, metrics, new Health());
    journal.looked(VIEW as unknown as LedgerView);
    const text = await metrics.text();
    expect(text).toContain('rollcall_runs_open{state="held",service="coordinator"} 2');
    expect(text).toContain('rollcall_runs_open{state="opened",service="coordinator"} 0');
    expect(text).toContain('rollcall_refreshes_due{service="coordinator"} 3');
    journal.looked(null);
    const after = await metrics.text();
    expect(after).not.toContain('rollcall_runs_open{');
    expect(after).toContain('rollcall_refreshes_due{service="coordinator"} 0');
    expect(after).toContain('rollcall_drifts{service="coordinator"} 0');
  });

  it('count every alarm and every decision from 0, before there was one', async () => {
    const metrics = new Metrics('coordinator');
    new DecisionJournal(new ServiceLog('coordinator', 'error', () => undefined), metrics, new Health());
    const text = await metrics.text();
    for (const alarm of ['age', 'drift', 'partition', 'nonsense']) {
      expect(text).toContain(`rollcall_alarms_total{alarm="${alarm}",service="coordinator"} 0`);
    }
    for (const state of ['opened', 'held', 'completed', 'aborted', 'approved', 'persisted', 'taken-over']) {
      expect(text).toContain(`rollcall_runs_total{state="${state}",service="coordinator"} 0`);
    }
  });
});
