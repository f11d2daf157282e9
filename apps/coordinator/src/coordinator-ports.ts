import { randomUUID } from 'node:crypto';
import type { LedgerViews, OpeningLedger, SettlementLedger } from '#ledger';
import { failpoint } from '#service';
import type { CoordinatorLog } from './coordinator-log.publisher.js';
import type { DecisionJournal } from './decision-journal.js';
import type { Ports } from './settlement/ports.js';

/** The step loop's ports, on the real ledger, the real log and the real clock. */
export function portsOf(
  views: LedgerViews,
  openings: OpeningLedger,
  ledger: SettlementLedger,
  log: CoordinatorLog,
  journal: DecisionJournal,
): Ports {
  return {
    views,
    openings,
    ledger,
    rawLog: { publish: (marker, partitions) => log.markers(marker, partitions) },
    snapshotLog: { publish: (events) => log.snapshotEvents(events) },
    clock: { now: () => Date.now() },
    journal,
    nonce: randomUUID,
    failpoint,
  };
}
