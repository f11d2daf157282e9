import { Injectable } from '@nestjs/common';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { PassedWatermark } from '#roster-consumer';
import { PersisterConfig } from '../persister.config.js';
import { tableOf } from './columns.js';
import { RosterDatabase, type Statements } from './roster-database.js';

const KEEP = `
insert into roster.watermarks as w (district_id, entity_type, partition, generation, epoch, log_offset, partitions)
select r.district_id, r.entity_type, r.partition, r.generation, r.epoch, r.log_offset, $7
from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::integer[], $6::bigint[])
  as r(district_id, entity_type, partition, generation, epoch, log_offset)
where not exists (
  select from roster.watermarks s where s.district_id = r.district_id collate "C"
    and s.entity_type = r.entity_type collate "C" and s.partition = r.partition and s.generation >= r.generation)
on conflict (district_id, entity_type, partition) do update
set generation = excluded.generation, epoch = excluded.epoch, log_offset = excluded.log_offset,
  partitions = excluded.partitions, passed_at = now()
where w.generation < excluded.generation`;

/** $1: district, $2: generation of a watermark. A row of a collection is in every snapshot, or is right in the next. */
const CLEAR = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    `
update roster.dead_letters l set cleared_at = now(), cleared_by = $2::bigint
where l.district_id = $1 and l.entity_type = '${type}' and l.cleared_at is null
  and case when l.gg4l_id is null then l.row_number is not null and l.generation < $2::bigint
    else exists (select from ${tableOf(type)} s where s.district_id = l.district_id and s.gg4l_id = l.gg4l_id
      and s.generation >= l.generation) end`,
  ]),
) as Readonly<Record<EntityType, string>>;

/** `roster.watermarks`: how far each district is; and what a snapshot that is through has cleared. */
@Injectable()
export class WatermarkStore {
  constructor(
    private readonly database: RosterDatabase,
    private readonly config: PersisterConfig,
  ) {}

  async pass(lines: readonly PassedWatermark[]): Promise<void> {
    await this.database.transaction(async (statements) => {
      const newest = newestOf(lines);
      await statements.query(KEEP, [
        newest.map(({ districtId }) => districtId),
        newest.map(({ entityType }) => entityType),
        newest.map(({ partition }) => partition),
        newest.map(({ generation }) => generation),
        newest.map(({ epoch }) => epoch),
        newest.map(({ offset }) => offset),
        this.config.ROLLCALL_PARTITIONS,
      ]);
      for (const line of newest) await clear(statements, line);
    });
  }
}

async function clear(
  statements: Statements,
  { districtId, entityType, generation }: PassedWatermark,
): Promise<void> {
  await statements.query(CLEAR[entityType], [districtId, generation]);
}

/** Of each district, type and partition the last: a statement may meet a row once only. */
function newestOf(lines: readonly PassedWatermark[]): readonly PassedWatermark[] {
  const newest = new Map<string, PassedWatermark>();
  for (const line of lines) {
    const key = `${line.districtId}/${line.entityType}/${line.partition}`;
    const before = newest.get(key);
    if (before === undefined || before.generation < line.generation) newest.set(key, line);
  }
  return [...newest.values()];
}
