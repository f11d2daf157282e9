/*
 * Takes a batch of reports into the ledger, in one statement per kind and one transaction. An answer of a partition
 * is kept only for a run that is not closed and whose row has exactly that epoch for it: a lower one is ignored, a
 * higher one shows in `partitions`, and the coordinator aborts the run. Every statement can be repeated.
 */
import type { Report, ReportOf } from '#contracts';
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

function asksRefresh(report: Report): report is ReportOf<'shadow' | 'drift'> {
  return report.kind === 'shadow' || (report.kind === 'drift' && report.survived);
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
       heard_at = greatest(partitions.heard_at, excluded.heard_at),
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

/** One row per district, type and partition: the highest generation that Postgres has passed. */
async function recordPassed(statements: Statements, reports: readonly ReportOf<'passed'>[]): Promise<void> {
  if (reports.length === 0) return;
  const passed = [
    reports.map(({ districtId }) => districtId),
    reports.map(({ partition }) => partition),
    reports.map(({ entityType }) => entityType),
    reports.map(({ generation }) => generation),
  ];
  await statements.query(
    `insert into ledger.passed (district_id, partition, entity_type, generation)
     select district_id, partition, entity_type, max(generation)
       from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[])
         as passed(district_id, partition, entity_type, generation)
      group by 1, 2, 3 order by 1, 2, 3
     on conflict (district_id, partition, entity_type)
       do update set generation = excluded.generation where passed.generation < excluded.generation`,
    passed,
  );
  await statements.query(
    `delete from ledger.drifts d using unnest($1::text[], $2::integer[], $3::text[], $4::bigint[])
         as passed(district_id, partition, entity_type, generation)
      where d.district_id = passed.district_id and d.partition = passed.partition
        and d.entity_type = passed.entity_type and d.generation < passed.generation`,
    passed,
  );
}

/** A copy that differs from a watermark, until a later one was passed. */
async function recordDrifts(
  statements: Statements,
  reports: readonly ReportOf<'drift'>[],
  at: number,
): Promise<void> {
  if (reports.length === 0) return;
  await statements.query(
    `insert into ledger.drifts (district_id, entity_type, partition, generation, survived, expected, found,
            reported_at)
     select distinct on (1, 2, 3) d.district_id, r->>'entityType', (r->>'partition')::integer,
            (r->>'generation')::bigint, (r->>'survived')::boolean, r->'expected', r->'found',
            ledger.at($2::float8)
       from jsonb_array_elements($1::jsonb) with ordinality as reports(r, place)
       join ledger.districts d on d.district_id = r->>'districtId'
      where not exists (select from ledger.passed p
        where p.district_id = d.district_id and p.partition = (r->>'partition')::integer
          and p.entity_type = r->>'entityType' and p.generation > (r->>'generation')::bigint)
      order by 1, 2, 3, 4 desc, place desc
     on conflict (district_id, entity_type, partition) do update set generation = excluded.generation,
       survived = excluded.survived, expected = excluded.expected, found = excluded.found,
       reported_at = excluded.reported_at
      where drifts.generation <= excluded.generation`,
    [JSON.stringify(reports), at],
  );
}

/** The district's next run sends these types again. Asked for anew, a refresh outlasts a run opened before. */
async function recordRefreshes(
  statements: Statements,
  reports: readonly ReportOf<'shadow' | 'drift'>[],
  at: number,
): Promise<void> {
  if (reports.length === 0) return;
  await statements.query(
    `insert into ledger.refreshes (district_id, entity_type, asks, asked_at)
     select d.district_id, asked.entity_type, 1, ledger.at($3::float8)
       from (select distinct * from unnest($1::text[], $2::text[]) as a(district_id, entity_type)) asked
       join ledger.districts d using (district_id) order by 1, 2
     on conflict (district_id, entity_type)
       do update set asks = refreshes.asks + 1, asked_at = excluded.asked_at`,
    [reports.map(({ districtId }) => districtId), reports.map(({ entityType }) => entityType), at],
  );
}
