import type { ReportOf, RunKey } from '#contracts';
import type { LoopPorts } from './ports.js';

const BUSY_EVERY_MS = 5_000;

/** A partition that works says so every five seconds, so that nobody takes it for dead. */
export class BusySignal {
  #toldAt: number;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    private readonly phase: ReportOf<'busy'>['phase'],
  ) {
    this.#toldAt = ports.clock.now();
  }

  async tell(epoch: number, run?: RunKey): Promise<void> {
    const now = this.ports.clock.now();
    if (now - this.#toldAt < BUSY_EVERY_MS) return;
    this.#toldAt = now;
    const { partition, phase } = this;
    const named = run === undefined ? {} : { run };
    await this.ports.logs.report([{ kind: 'busy', partition, epoch, phase, ...named }]);
  }
}
