/* What the services say from a moment on, told by the place of their lines and not by their times: clocks may jump. */
import type { Fleet } from '../support/fleet.js';
import { SERVICES } from '../support/ground.js';
import type { LogLine, Running } from '../support/running.js';

export class LogMark {
  /** How many lines each process had written; those that had ended say nothing more. */
  readonly #written: ReadonlyMap<Running, number>;

  constructor(private readonly fleet: Fleet) {
    this.#written = new Map(
      fleet
        .everyone(...SERVICES)
        .map((one) => [one, one.hasEnded ? Number.POSITIVE_INFINITY : one.lines().length]),
    );
  }

  /** Of all processes of services, in no order. */
  lines(event?: string): readonly LogLine[] {
    return this.fleet
      .everyone(...SERVICES)
      .flatMap((one) => this.since(one))
      .filter((line) => event === undefined || line.event === event);
  }

  private since(one: Running): readonly LogLine[] {
    const written = this.#written.get(one) ?? 0;
    return Number.isFinite(written) ? one.lines().slice(written) : [];
  }
}
