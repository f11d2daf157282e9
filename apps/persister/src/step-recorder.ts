import { Injectable } from '@nestjs/common';
import type { Applied, CopyReport, Place, PlaceStoppedError } from '#roster-consumer';
import { deadLetterCount, Metrics, ServiceLog } from '#service';

/** Says in log and metrics what each step did, with counts and coordinates. */
@Injectable()
export class StepRecorder {
  private readonly events;
  private readonly rows;
  private readonly deadLetters;
  private readonly reports;
  private readonly stopped = new Set<Place>();
  private readonly stops;
  private readonly seconds;

  constructor(
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.events = metrics.counter('rollcall_change_events_total', 'change events read', ['type', 'verb']);
    this.rows = metrics.counter('rollcall_rows_total', 'change events by what they did to rows', [
      'type',
      'outcome',
    ]);
    this.deadLetters = deadLetterCount(metrics);
    this.reports = metrics.counter('rollcall_persister_reports_total', 'reports sent', ['type', 'kind']);
    this.stops = metrics.gauge(
      'rollcall_partition_stopped',
      'partitions that wait for an operator: 1 where stopped',
      ['type', 'partition'],
    );
    this.seconds = metrics.histogram('rollcall_batch_seconds', 'from a step of a batch to its commit', [
      'type',
    ]);
  }

  step({ entityType, partition }: Place, applied: Applied): void {
    const { events, fenced, written, deadLetters, unknown, reports } = applied;
    let changes = 0;
    for (const [verb, count] of Object.entries(events)) {
      if (count > 0) this.events.inc({ type: entityType, verb }, count);
      changes += count;
    }
    if (unknown > 0) this.events.inc({ type: entityType, verb: 'unknown' }, unknown);
    this.seconds.observe({ type: entityType }, applied.seconds);
    this.rows.inc({ type: entityType, outcome: 'written' }, written);
    this.rows.inc({ type: entityType, outcome: 'fenced' }, fenced);
    const ignored = Math.max(0, changes - written - fenced - deadLetters);
    this.rows.inc({ type: entityType, outcome: 'ignored' }, ignored);
    this.deadLetters(entityType, deadLetters);
    for (const { kind } of reports) this.reports.inc({ type: entityType, kind });
    const watermarks = reports.flatMap((report) => (report.kind === 'passed' ? [runOf(report)] : []));
    this.log.info('persisted', {
      entityType,
      partition,
      offsets: [applied.first, applied.last],
      changes,
      written,
      ...(fenced > 0 ? { fenced } : {}),
      ...(deadLetters > 0 ? { deadLetters } : {}),
      ...(unknown > 0 ? { unknown } : {}),
      ...(watermarks.length > 0 ? { watermarks } : {}),
    });
    for (const report of reports) this.warn(partition, report);
  }

  stop(place: Place, { reason }: PlaceStoppedError): void {
    const { entityType, partition } = place;
    this.stopped.add(place);
    this.stops.set({ type: entityType, partition: String(partition) }, 1);
    this.log.error('partition-stopped', { entityType, partition, reason });
  }

  /** What another has taken over does not wait here any more. By topic. */
  assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    for (const place of this.stopped) {
      const { topic, entityType, partition } = place;
      if (assignment[topic]?.includes(partition) === true) continue;
      this.stopped.delete(place);
      this.stops.set({ type: entityType, partition: String(partition) }, 0);
    }
  }

  private warn(partition: number, report: CopyReport): void {
    if (report.kind === 'passed') return;
    const { kind, ...fields } = report;
    this.log.warn(kind, { partition, ...fields });
  }
}

function runOf({ districtId, generation }: CopyReport & { kind: 'passed' }) {
  return { districtId, generation };
}
