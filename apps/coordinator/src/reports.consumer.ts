import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from '#batch-transport';
import type { DeadLetterFields, Report } from '#contracts';
import type { BatchContext, LogBatch } from '#kafka';
import { ReportLedger } from '#ledger';
import { deadLetterCount, failpoint, Metrics, ServiceLog } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { CoordinatorLog } from './coordinator-log.publisher.js';
import { alarmCount } from './decision-journal.js';
import { LedgerClock } from './ledger.clock.js';
import { readReports } from './report-batch.js';
import { StepRunner } from './step-runner.js';

const SLICE = 1_000;

/** Takes reports into the ledger, batch by batch, then wakes the step loop; it decides nothing itself. */
@Controller()
export class ReportsConsumer {
  private readonly reports;
  private readonly deadLetters;
  private readonly alarms;

  constructor(
    private readonly ledger: ReportLedger,
    private readonly coordinatorLog: CoordinatorLog,
    private readonly steps: StepRunner,
    private readonly log: ServiceLog,
    metrics: Metrics,
    private readonly config: CoordinatorConfig,
    private readonly clock: LedgerClock,
  ) {
    this.reports = metrics.counter('rollcall_reports_total', 'reports read', ['kind']);
    this.deadLetters = deadLetterCount(metrics);
    this.alarms = alarmCount(metrics);
  }

  @BatchHandler('reports')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    for (let start = 0; start < batch.messages.length && context.isLive(); start += SLICE) {
      const slice = batch.messages.slice(start, start + SLICE);
      const last = slice.at(-1);
      if (last === undefined) return;
      const at = new Date().toISOString();
      const count = this.config.ROLLCALL_PARTITIONS;
      const { reports, letters, strangers } = readReports({ ...batch, messages: slice }, count, at);
      if (strangers > 0) this.alarms('partition', strangers);
      if (letters.length > 0) await this.coordinatorLog.deadLetters(letters);
      failpoint('coordinator.before-report-record');
      await this.ledger.record(reports, this.clock.now());
      await context.heartbeat();
      failpoint('coordinator.before-report-commit');
      await context.commit(last.offset + 1n);
      failpoint('coordinator.after-report-commit');
      this.steps.poke();
      this.tell(reports, letters);
    }
  }

  private tell(reports: readonly Report[], letters: readonly DeadLetterFields[]): void {
    const counts: Record<string, number> = {};
    for (const { kind } of reports) counts[kind] = (counts[kind] ?? 0) + 1;
    for (const [kind, count] of Object.entries(counts)) this.reports.inc({ kind }, count);
    this.deadLetters('', letters.length);
    this.log.debug('reports', { ...counts, deadLetters: letters.length });
    for (const report of reports) {
      if (report.kind !== 'drift') continue;
      const { districtId, entityType, generation, partition, survived } = report;
      if (survived) this.alarms('drift');
      this.log.warn('drift', { districtId, entityType, generation, partition, survived });
    }
  }
}
