/*
 * The ledger in memory, for specs and the simulation: the same conditions as the one in Postgres, each method one
 * instant. It has the same six faces as that one, and one contract suite holds both.
 */
import type { DistrictSettings } from '../limits.js';
import { MemoryConfirming } from './memory-confirming.js';
import { MemoryOpenings } from './memory-openings.js';
import { MemoryReading } from './memory-reading.js';
import { MemoryReports } from './memory-reports.js';
import { MemorySettlement } from './memory-settlement.js';
import { MemoryState } from './memory-state.js';
import { MemoryViews } from './memory-views.js';

export class MemoryLedger {
  readonly state: MemoryState;
  readonly views: MemoryViews;
  readonly openings: MemoryOpenings;
  readonly settlement: MemorySettlement;
  readonly reports: MemoryReports;
  readonly reading: MemoryReading;
  readonly confirming: MemoryConfirming;

  /** `now`: the ledger's own clock, which its leases go by. */
  constructor(now: () => number) {
    this.state = new MemoryState(now);
    this.views = new MemoryViews(this.state);
    this.openings = new MemoryOpenings(this.state);
    this.settlement = new MemorySettlement(this.state);
    this.reports = new MemoryReports(this.state);
    this.reading = new MemoryReading(this.state);
    this.confirming = new MemoryConfirming(this.state);
  }

  addDistrict(districtId: string, settings: DistrictSettings = {}): void {
    this.state.districts.set(districtId, {
      ...{ districtId, settings, suspended: null, lastGeneration: 0, completedGeneration: null },
      ...{ refreshDue: {}, refreshedAt: null },
    });
  }

  /** Null: the district may be pulled again. What it wished for is dropped when it may not. */
  suspend(districtId: string, suspended: string | null): void {
    this.state.changeDistrict(districtId, { suspended });
    if (suspended !== null) this.state.wishes.delete(districtId);
  }
}
