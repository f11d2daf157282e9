import { decodeDeadLetter, encodeDeadLetter, type DeadLetter, type DeadLetterFields } from '#contracts';
import type { Copy } from './copy.js';
import type { CopyReport, Outlet } from './following/ports.js';
import type { RosterConsumerOptions } from './options.js';
import type { Completeness } from './progress/completeness.js';
import type { PassedLine } from './progress/progress.js';

/** Tells the consumer what its loops found. */
export class CallbackOutlet implements Outlet {
  constructor(
    private readonly options: RosterConsumerOptions,
    private readonly copy: Copy,
    private readonly completeness: Completeness,
    /** Watermarks were passed, and it is told. */
    private readonly onPassed: () => Promise<void>,
  ) {}

  async report(reports: readonly CopyReport[]): Promise<void> {
    const passed: PassedLine[] = [];
    for (const report of reports) {
      switch (report.kind) {
        case 'passed':
          passed.push(report);
          break;
        case 'drift':
          if (!report.survived) await this.#forget(report);
          await this.options.onDrift?.(report);
          break;
        case 'shadow':
          await this.options.onShadow?.(report);
          break;
      }
    }
    if (passed.length === 0) return;
    await this.completeness.pass(passed);
    await this.onPassed();
  }

  async deadLetter(letters: readonly DeadLetterFields[]): Promise<void> {
    const { onDeadLetter = writeLine } = this.options;
    for (const fields of letters) await onDeadLetter(decodeDeadLetter(encodeDeadLetter(fields).value));
  }

  async #forget({ districtId, entityType, partition }: CopyReport & { kind: 'drift' }): Promise<void> {
    await this.copy.forget?.(districtId, entityType, partition);
  }
}

/** Never the contents: they may be personal. */
function writeLine({ origin, reason }: DeadLetter): void {
  process.stderr.write(`${JSON.stringify({ event: 'dead-letter', origin, reason })}\n`);
}
