/*
 * What is kept of each partition of a change topic: its fences, and the highest offset that anything here came from,
 * by which a topic that was created anew is told from the one that was read.
 */
export const FENCES = `
create table roster.fences (
  entity_type text collate "C",
  partition integer,
  epoch integer,
  -- of the first fence of this epoch
  log_offset bigint not null,
  primary key (entity_type, partition, epoch)
);

create table roster.stored_offsets (
  entity_type text collate "C",
  partition integer,
  log_offset bigint not null,
  primary key (entity_type, partition)
);

insert into roster.stored_offsets
select 'orgs', partition, max(log_offset) from roster.orgs group by partition
union all
select 'academicSessions', partition, max(log_offset) from roster.academic_sessions group by partition
union all
select 'courses', partition, max(log_offset) from roster.courses group by partition
union all
select 'classes', partition, max(log_offset) from roster.classes group by partition
union all
select 'users', partition, max(log_offset) from roster.users group by partition
union all
select 'enrollments', partition, max(log_offset) from roster.enrollments group by partition
union all
select 'demographics', partition, max(log_offset) from roster.demographics group by partition;
`;
