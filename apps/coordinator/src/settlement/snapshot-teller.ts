/* What is told of runs: the ABORT of those that ended without a watermark, and the events of their life. */
import { ENTITY_TYPES } from '#contracts';
import type { MarkerSender } from './marker-sender.js';
import type { LedgerView, Ports } from './ports.js';

export class SnapshotTeller {
  readonly #ports: Ports;
  readonly #sender: MarkerSender;
  readonly #watermarks: number;

  constructor(ports: Ports, sender: MarkerSender, partitionCount: number) {
    this.#ports = ports;
    this.#sender = sender;
    this.#watermarks = ENTITY_TYPES.length * partitionCount;
  }

  async announce(unannounced: LedgerView['unannounced']): Promise<boolean> {
    const { ledger, clock } = this.#ports;
    for (const { districtId, generation, reason } of unannounced) {
      await this.#sender.everywhere({ kind: 'abort', districtId, generation, reason });
      await ledger.announced({ districtId, generation }, clock.now());
    }
    return unannounced.length > 0;
  }

  async publish(events: LedgerView['events']): Promise<boolean> {
    if (events.length === 0) return false;
    const { snapshotLog, ledger, clock, failpoint } = this.#ports;
    failpoint('coordinator.before-events');
    await snapshotLog.publish(events);
    failpoint('coordinator.after-events');
    await ledger.published(
      events.map(({ id }) => id),
      clock.now(),
    );
    return true;
  }

  /** Completed runs of which Postgres has passed every watermark. */
  async notePersisted(): Promise<boolean> {
    const { ledger, clock, journal } = this.#ports;
    const runs = await ledger.notePersisted(this.#watermarks, clock.now());
    for (const run of runs) journal.decided('persisted', run, {});
    return runs.length > 0;
  }
}
