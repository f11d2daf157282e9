import type { OpenRunState, RawMarker } from '#contracts';
import { missingOf } from './decide.js';
import type { Ports } from './ports.js';
import type { OpenRun } from './runs.js';

/** Everything the coordinator sends to the raw log, with a failpoint before and after each marker. */
export class MarkerSender {
  readonly #ports: Pick<Ports, 'rawLog' | 'ledger' | 'clock' | 'failpoint'>;
  readonly #everywhere: readonly number[];

  constructor(ports: Pick<Ports, 'rawLog' | 'ledger' | 'clock' | 'failpoint'>, partitionCount: number) {
    this.#ports = ports;
    this.#everywhere = missingOf([], partitionCount);
  }

  everywhere(marker: RawMarker): Promise<void> {
    return this.to(this.#everywhere, marker);
  }

  async to(partitions: readonly number[], marker: RawMarker): Promise<void> {
    const { rawLog, failpoint } = this.#ports;
    failpoint('coordinator.before-marker');
    failpoint(`coordinator.before-${marker.kind}`);
    await rawLog.publish(marker, partitions);
    failpoint(`coordinator.after-${marker.kind}`);
    failpoint('coordinator.after-marker');
  }

  /** The marker of the state a run is in; noted, unless the run has left that state. */
  async markerOf(
    run: OpenRun & { readonly state: OpenRunState },
    marker: RawMarker,
    to: readonly number[],
  ): Promise<void> {
    const { ledger, clock } = this.#ports;
    await this.to(to, marker);
    await ledger.markerSent(run, run.state, clock.now());
  }
}
