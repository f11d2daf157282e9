import type { Report, ReportOf } from '#contracts';
import { isAnswer, isClosed, withAnswer, type Answer } from './memory-run.js';
import type { MemoryState } from './memory-state.js';

type Heard = Extract<Report, { partition: number }>;

/** Takes reports in, as `ReportLedger` of the ledger in Postgres. */
export class MemoryReports {
  constructor(private readonly state: MemoryState) {}

  async record(reports: readonly Report[], at: number): Promise<void> {
    for (const report of reports) this.#record(report, at);
  }

  #record(report: Report, at: number): void {
    if ('partition' in report && report.kind !== 'passed' && report.kind !== 'drift') {
      this.#heard(report, at);
    }
    if (isAnswer(report)) return this.#answer(report);
    switch (report.kind) {
      case 'ready':
        return this.#ready(report);
      case 'passed':
        return this.#passed(report);
      case 'shadow':
        return this.state.askRefresh(report.districtId, report.entityType);
      case 'drift':
        return this.#drift(report);
      default:
        return;
    }
  }

  #heard({ partition, epoch, kind }: Heard, at: number): void {
    const known = this.state.partitions.get(partition);
    if (known !== undefined && known.epoch > epoch) return;
    const rebuildingAt = kind === 'rebuilding' ? at : (known?.rebuildingAt ?? null);
    const heardAt = Math.max(known?.heardAt ?? 0, kind === 'ready' ? 0 : at);
    this.state.partitions.set(partition, { partition, epoch, heardAt, rebuildingAt });
  }

  #ready({ nonce, partition, epoch }: ReportOf<'ready'>): void {
    let isAsked = false;
    for (const wish of this.state.wishes.values()) isAsked ||= wish.nonce === nonce;
    if (!isAsked) return;
    const answers = this.state.ready.get(nonce) ?? new Map<number, number>();
    answers.set(partition, Math.max(epoch, answers.get(partition) ?? 0));
    this.state.ready.set(nonce, answers);
  }

  #answer(answer: Answer): void {
    const run = this.state.find(answer);
    if (run === undefined || isClosed(run) || run.epochs[answer.partition] !== answer.epoch) return;
    const answered = withAnswer(run, answer);
    if (answered !== run) this.state.put(answered);
  }

  #passed({ districtId, partition, entityType, generation }: ReportOf<'passed'>): void {
    const key = `${entityType}/${partition}`;
    const passed = this.state.passed.get(districtId) ?? new Map<string, number>();
    passed.set(key, Math.max(generation, passed.get(key) ?? 0));
    this.state.passed.set(districtId, passed);
    const drift = this.state.drifts.get(`${districtId}/${key}`);
    if (drift !== undefined && drift.generation < generation) {
      this.state.drifts.delete(`${districtId}/${key}`);
    }
  }

  #drift({ districtId, partition, entityType, generation, survived }: ReportOf<'drift'>): void {
    if (!this.state.districts.has(districtId)) return;
    const key = `${districtId}/${entityType}/${partition}`;
    const passed = this.state.passed.get(districtId)?.get(`${entityType}/${partition}`) ?? 0;
    const known = this.state.drifts.get(key)?.generation ?? 0;
    if (generation >= known && generation >= passed) {
      this.state.drifts.set(key, { districtId, partition, entityType, generation, survived });
    }
    if (survived) this.state.askRefresh(districtId, entityType);
  }
}
