import { Injectable } from '@nestjs/common';
import { CLOSED_RUN_STATES, OPEN_RUN_STATES, type EntityType, type RunKey } from '#contracts';
import { Health, Metrics, ServiceLog } from '#service';
import { RUN_DECISIONS, type Journal, type LedgerView, type RunDecision } from './settlement/ports.js';

const RUN_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400];
const TROUBLE_SHOWN_MS = 120_000;

/** One log line and one count for each decision. */
@Injectable()
export class DecisionJournal implements Journal {
  private readonly runs;
  private readonly seconds;
  private readonly open;
  private readonly refreshes;
  private readonly drifts;
  private readonly alarms;
  private lastTrouble: { readonly sentence: string; readonly at: number } | null = null;

  constructor(
    private readonly log: ServiceLog,
    metrics: Metrics,
    health: Health,
  ) {
    this.runs = metrics.counter(
      'rollcall_runs_total',
      'decisions about runs, by the state they led to',
      ['state'],
      RUN_DECISIONS.map((state) => ({ state })),
    );
    this.seconds = metrics.histogram(
      'rollcall_run_seconds',
      'from the opening of a run to its end',
      ['state'],
      RUN_SECONDS,
    );
    this.open = metrics.gauge('rollcall_runs_open', 'runs not closed, by state', ['state']);
    this.refreshes = metrics.gauge('rollcall_refreshes_due', 'types of districts due to be sent again', []);
    this.drifts = metrics.gauge(
      'rollcall_drifts',
      'copies that differed from their last watermark, by district, type and partition',
      [],
    );
    this.alarms = alarmCount(metrics);
    health.register('partitions', () => {
      if (this.lastTrouble !== null && Date.now() - this.lastTrouble.at < TROUBLE_SHOWN_MS) {
        throw new Error(this.lastTrouble.sentence);
      }
    });
  }

  decided(decision: RunDecision, run: RunKey, fields: Readonly<Record<string, unknown>>): void {
    const { districtId, generation } = run;
    this.runs.inc({ state: decision });
    const isClosed = (CLOSED_RUN_STATES as readonly string[]).includes(decision);
    const { seconds } = fields;
    if (isClosed && typeof seconds === 'number') this.seconds.observe({ state: decision }, seconds);
    if (decision === 'opened') this.lastTrouble = null;
    this.log.info('decided', { decision, districtId, generation, ...fields });
  }

  looked(view: LedgerView | null): void {
    this.refreshes.set(view?.refreshesDue ?? 0);
    this.drifts.set(view?.drifts ?? 0);
    this.open.reset();
    if (view === null) return;
    for (const state of OPEN_RUN_STATES) {
      this.open.set({ state }, view.runs.filter((run) => run.state === state).length);
    }
  }

  wanted(districtId: string, refresh: readonly EntityType[]): void {
    this.log.info('wanted', { districtId, cause: 'refresh', refresh });
  }

  trouble(sentence: string, fields: Readonly<Record<string, unknown>>): void {
    this.lastTrouble = { sentence, at: Date.now() };
    this.log.warn('partitions-silent', { reason: sentence, ...fields });
  }

  alarm(sentence: string, fields: Readonly<Record<string, unknown>>): void {
    this.alarms('nonsense');
    this.log.error('nonsense', { reason: sentence, ...fields });
  }
}

const ALARMS = ['age', 'drift', 'partition', 'nonsense'] as const;
type Alarm = (typeof ALARMS)[number];

/** Counts what somebody must look at. */
export function alarmCount(metrics: Metrics): (alarm: Alarm, times?: number) => void {
  const counter = metrics.counter(
    'rollcall_alarms_total',
    'what should not be and somebody must look at',
    ['alarm'],
    ALARMS.map((alarm) => ({ alarm })),
  );
  return (alarm, times = 1) => {
    counter.inc({ alarm }, times);
  };
}
