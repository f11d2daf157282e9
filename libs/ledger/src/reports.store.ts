/*
 * Takes a batch of reports into the ledger, in one statement per kind and one transaction. An answer of a partition
 * is kept only for a run that is not closed and whose row has exactly that epoch for it: a lower one is ignored, a
 * higher one shows in `partitions`, and the coordinator aborts the run. Every statement can be repeated.
 */
import type { Report, ReportOf } from '#contracts';
import { asksRefresh, recordDrifts, recordPassed, recordRefreshes } from './copy-reports.js';
import type { LedgerConnection, Statements } from './ledger-connection.js';

const NOT_CLOSED = `r.state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted')`;

type Answer = ReportOf<'planned' | 'applied' | 'swept' | 'failed'>;

export class ReportLedger {
  readonly #connection: LedgerConnection;

  constructor(connection: LedgerConnection) {
    this.#connection = connection;
  }

  async record(reports: readonly Report[], at: number): Promise<void> {
    if (reports.length === 0) return;
    await this.#connection.transaction(async (statements) => {
      await recordPartitions(statements, reports, at);
      await recordReady(
        statements,
        reports.filter((report) => report.kind === 'ready'),
      );
      await recordAnswers(statements, reports.filter(isAnswer));
      await recordProgress(
        statements,
        reports.filter((report) => report.kind === 'reading'),
      );
      await recordDrifts(
        statements,
        reports.filter((report) => report.kind === 'drift'),
        at,
      );
      await recordPassed(
        statements,
        reports.filter((report) => report.kind === 'passed'),
      );
      await recordRefreshes(statements, reports.filter(asksRefresh), at);
    });
  }
}

function isAnswer(report: Report): report is Answer {
  return ['planned', 'applied', 'swept', 'failed'].includes(report.kind);
}

/**
 * The highest epoch heard of each partition, and when it last told of its work; the persister does not speak for them,
 * and `ready` is no work: a partition that lost an END answers every ASK and would be waited for without end.
 */
async function recordPartitions(
  statements: Statements,
  reports: readonly Report[],
  at: number,
): Promise<void> {
  const heard = new Map<number, { epoch: number; working: boolean; rebuilding: boolean }>();
  for (const report of reports) {
    if (!('partition' in report) || report.kind === 'passed' || report.kind === 'drift') continue;
    const before = heard.get(report.partition) ?? { epoch: 0, working: false, rebuilding: false };
    if (report.epoch < before.epoch) continue;
    heard.set(report.partition, {
      epoch: report.epoch,
      working: before.working || report.kind !== 'ready',
      rebuilding: before.rebuilding || report.kind === 'rebuilding',
    });
  }
  if (heard.size === 0) return;
  const states = [...heard.values()];
  await statements.query(
    `insert into ledger.partitions (partition, epoch, heard_at, rebuilding_at)
     select partition, epoch, ledger.at(case when working then $5::float8 else 0 end),
            case when rebuilding then ledger.at($5::float8) end
       from unnest($1::integer[], $2::integer[], $3::boolean[], $4::boolean[])
         as heard(partition, epoch, working, rebuilding)
      order by partition
     on conflict (partition) do update set epoch = excluded.epoch,
       heard_at = greatest(case when partitions.heard_at <= ledger.at($5::float8) then partitions.heard_at end,
         excluded.heard_at),
       rebuilding_at = coalesce(excluded.rebuilding_at, partitions.rebuilding_at)
      where partitions.epoch <= excluded.epoch`,
    [
      [...heard.keys()],
      states.map(({ epoch }) => epoch),
      states.map(({ working }) => working),
      states.map(({ rebuilding }) => rebuilding),
      at,
    ],
  );
}

/** Only answers to an ASK that a wish still waits on. */
async function recordReady(statements: Statements, reports: readonly ReportOf<'ready'>[]): Promise<void> {
  if (reports.length === 0) return;
  await statements.query(
    `insert into ledger.ready_answers (nonce, partition, epoch)
     select nonce, partition, max(epoch)
       from unnest($1::text[], $2::integer[], $3::integer[]) as answer(nonce, partition, epoch)
      where exists (select from ledger.wishes w where w.nonce = answer.nonce)
      group by nonce, partition order by nonce, partition
     on conflict (nonce, partition) do update set epoch = greatest(ready_answers.epoch, excluded.epoch)`,
    [
      reports.map(({ nonce }) => nonce),
      reports.map(({ partition }) => partition),
      reports.map(({ epoch }) => epoch),
    ],
  );
}

/** The first answer of a kind stays: a repeat in the same epoch says the same. */
async function recordAnswers(statements: Statements, reports: readonly Answer[]): Promise<void> {
  if (reports.length === 0) return;
  await statements.query(
    `insert into ledger.partition_answers (district_id, generation, kind, partition, answer)
     select r.district_id, r.generation, a->>'kind', (a->>'partition')::integer, a
       from jsonb_array_elements($1::jsonb) as a
       join ledger.runs r on r.district_id = a->>'districtId' and r.generation = (a->>'generation')::bigint
      where ${NOT_CLOSED} and (r.epochs->>(a->>'partition'))::integer = (a->>'epoch')::integer
     on conflict (district_id, generation, kind, partition) do nothing`,
    [JSON.stringify(reports)],
  );
}

/** Rows received so far, per type; they only rise. */
async function recordProgress(
  statements: Statements,
  reports: readonly ReportOf<'reading'>[],
): Promise<void> {
  if (reports.length === 0) return;
  const last = new Map(reports.map((report) => [`${report.districtId}/${report.generation}`, report]));
  await statements.query(
    `update ledger.runs r set progress = r.progress || (a->'types')
       from jsonb_array_elements($1::jsonb) as a
      where r.district_id = a->>'districtId' and r.generation = (a->>'generation')::bigint and ${NOT_CLOSED}`,
    [JSON.stringify([...last.values()])],
  );
}
