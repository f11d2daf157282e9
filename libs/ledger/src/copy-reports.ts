/* What the persister says of its copy: watermarks passed, drifts, shadows. Every statement can be repeated. */
import type { Report, ReportOf } from '#contracts';
import type { Statements } from './ledger-connection.js';

export function asksRefresh(report: Report): report is ReportOf<'shadow' | 'drift'> {
  return report.kind === 'shadow' || (report.kind === 'drift' && report.survived);
}

/** One row per district, type and partition: the highest generation that Postgres has passed. */
export async function recordPassed(
  statements: Statements,
  reports: readonly ReportOf<'passed'>[],
): Promise<void> {
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
export async function recordDrifts(
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
export async function recordRefreshes(
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
