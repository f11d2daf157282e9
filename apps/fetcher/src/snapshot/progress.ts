import type { EntityType, RunKey } from '#contracts';
import type { Outbox } from '../packing/outbox.js';
import type { Clock, RawLog } from '../ports.js';

const EVERY_MS = 1000;
const REPORT_BYTES = 500;

/** Tells how many rows were received, about every second; a report is never waited for on its own. */
export class Progress {
  private readonly rows: Partial<Record<EntityType, number>> = {};
  private toldAt: number;

  constructor(
    private readonly run: RunKey,
    private readonly log: RawLog,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {
    this.toldAt = clock.elapsedMs();
  }

  received(type: EntityType, rows: number): void {
    this.rows[type] = rows;
    if (this.clock.elapsedMs() - this.toldAt >= EVERY_MS) this.tell();
  }

  tell(): void {
    this.toldAt = this.clock.elapsedMs();
    const { districtId, generation } = this.run;
    const report = { kind: 'reading', districtId, generation, types: { ...this.rows } } as const;
    this.outbox.track(() => this.log.report(report), REPORT_BYTES);
  }
}
