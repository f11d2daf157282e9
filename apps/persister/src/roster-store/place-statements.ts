/*
 * The statements about a partition of a change topic as a whole. What is stored already is left out before the insert,
 * so that a repeat locks and logs nothing.
 */
import type { EntityType } from '#contracts';
import { tableOf } from './columns.js';

export const FENCES_OF = `
select epoch, log_offset from roster.fences where entity_type = $1 and partition = $2 order by epoch`;

export const HIGHEST_OFFSET = `
select log_offset from roster.stored_offsets where entity_type = $1 and partition = $2`;

/** $3: epochs, each once; $4: the lowest offset of each. */
export const KEEP_FENCES = `
insert into roster.fences as f (entity_type, partition, epoch, log_offset)
select $1, $2, r.epoch, r.log_offset from unnest($3::integer[], $4::bigint[]) as r(epoch, log_offset)
where not exists (
  select from roster.fences s where s.entity_type = $1 and s.partition = $2 and s.epoch = r.epoch
    and s.log_offset <= r.log_offset)
on conflict (entity_type, partition, epoch) do update set log_offset = excluded.log_offset
where f.log_offset > excluded.log_offset`;

export const KEEP_HIGHEST_OFFSET = `
insert into roster.stored_offsets as o (entity_type, partition, log_offset)
select $1, $2, $3::bigint
where not exists (
  select from roster.stored_offsets s where s.entity_type = $1 and s.partition = $2 and s.log_offset >= $3::bigint)
on conflict (entity_type, partition) do update set log_offset = excluded.log_offset
where o.log_offset < excluded.log_offset`;

/** The watermark term is hash64(gg4lId \0 fingerprint in hex), as libs/contracts computes it. */
const SUMS = `count(*) filter (where archived_at is null) as active,
  lpad(to_hex(coalesce(bit_xor(term) filter (where archived_at is null), 0)), 16, '0') as xor,
  coalesce(max(generation), 0) as highest_generation`;

function termsOf(type: EntityType): string {
  return `${tableOf(type)} cross join lateral (
  select ('x' || encode(substring(sha256(convert_to(gg4l_id, 'UTF8') || '\\x00'::bytea
    || convert_to(encode(fingerprint, 'hex'), 'UTF8')) for 8), 'hex'))::bit(64)::bigint as term) as terms`;
}

export function digestOf(type: EntityType): string {
  return `select ${SUMS} from ${termsOf(type)} where district_id = $1 and partition = $2`;
}

/** Of every partition of a district. */
export function digestsOf(type: EntityType): string {
  return `select partition, ${SUMS} from ${termsOf(type)} where district_id = $1 group by partition`;
}

/** The first district behind one, by a single look at the primary key. */
export function nextDistrictOf(type: EntityType): string {
  return `select district_id from ${tableOf(type)} where district_id > $1 order by district_id limit 1`;
}

export function shadowedOf(type: EntityType): string {
  return `
select distinct e.district_id from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[])
  as e(district_id, gg4l_id, log_offset, generation, fenced)
join ${tableOf(type)} s on s.district_id = e.district_id collate "C" and s.gg4l_id = e.gg4l_id collate "C"
where s.log_offset < e.log_offset and (e.fenced or e.generation < s.generation)
order by 1`;
}
