/*
 * The last watermark passed of each district, type and partition, and from that the generation a district's tables are
 * complete to: a view, because several processes pass watermarks of one district at once.
 */
export const WATERMARKS = `
create table roster.watermarks (
  district_id text collate "C",
  entity_type text collate "C",
  partition integer,
  generation bigint not null,
  epoch integer not null,
  -- of each change topic, when this was passed
  partitions integer not null,
  passed_at timestamptz not null default now(),
  primary key (district_id, entity_type, partition)
);

create view roster.districts with (security_invoker = true) as
select district_id,
  case when count(*) = 7 * max(partitions) then min(generation) end as generation,
  case when count(*) = 7 * max(partitions) then to_timestamp(min(generation)) end as as_of,
  max(generation) as newest_generation,
  max(passed_at) as passed_at
from roster.watermarks group by district_id;
`;
