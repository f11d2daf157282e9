import { randomUUID } from 'node:crypto';
import type { LedgerViews, OpeningLedger, SettlementLedger } from '#ledger';
import { failpoint } from '#service';
import type { CoordinatorLog } from './coordinator-log.publisher.js';
import type { DecisionJournal } from './decision-journal.js';
import type { LedgerClock } from './ledger.clock.js';
import type { Ports } from './settlement/ports.js';
import { requireSaneClock } from './settlement/view-check.js';

/** The step loop's ports, on the real ledger, the real log and the ledger's clock. */
export function portsOf(
  views: LedgerViews,
  openings: OpeningLedger,
  ledger: SettlementLedger,
  log: CoordinatorLog,
  journal: DecisionJournal,
  clock: LedgerClock,
): Ports {
  return {
    views: {
      holdLease: (owner, leaseMs) => views.holdLease(owner, leaseMs),
      load: async (now) => {
        const view = await views.load(now);
        clock.setTo(requireSaneClock(view.now));
        return view;
      },
      plannedAnswers: (run) => views.plannedAnswers(run),
    },
    openings,
    ledger,
    rawLog: { publish: (marker, partitions) => log.markers(marker, partitions) },
    snapshotLog: { publish: (events) => log.lifecycleEvents(events) },
    clock,
    journal,
    nonce: randomUUID,
    failpoint,
  };
}
