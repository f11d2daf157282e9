/** Statements that bring the schema `ledger` from nothing to this version, in order; never changed once released. */
export const MIGRATIONS: readonly { readonly version: number; readonly statement: string }[] = [
  {
    version: 1,
    statement: `
create function ledger.ms(timestamptz) returns bigint language sql immutable
  as $$ select round(extract(epoch from $1) * 1000)::bigint $$;
create function ledger.at(ms double precision) returns timestamptz language sql immutable
  as $$ select to_timestamp(ms / 1000) $$;

create table ledger.districts (
  district_id text collate "C" primary key,
  name text not null,
  state text not null check (state in ('active', 'suspended')),
  reason text,
  ready_stamp text,
  settings jsonb not null default '{}',
  last_generation bigint not null default 0,
  pulled_at timestamptz,
  pulled_stamp text,
  completed_generation bigint,
  refresh_due text[] not null default '{}'
);

-- A run that is wanted and not opened yet: what to open, when, and the ASK it waits on.
create table ledger.wishes (
  district_id text collate "C" primary key references ledger.districts,
  cause text not null check (cause in ('scheduled', 'newer', 'asked', 'retry')),
  dry_run boolean not null,
  retries text not null check (retries in ('at-once', 'scheduled')),
  attempt integer not null,
  failures integer not null,
  due_at timestamptz not null,
  nonce text,
  asked_at timestamptz,
  asked_again_at timestamptz,
  trouble text
);
create table ledger.ready_answers (
  nonce text not null,
  partition integer not null,
  epoch integer not null,
  primary key (nonce, partition)
);
-- Per raw partition: the highest epoch heard of, and when it last said anything.
create table ledger.partitions (
  partition integer primary key,
  epoch integer not null,
  heard_at timestamptz not null,
  rebuilding_at timestamptz
);

create table ledger.runs (
  district_id text collate "C" not null references ledger.districts,
  generation bigint not null,
  state text not null check (state in ('opened', 'reading', 'read', 'planned', 'confirming', 'applying', 'held',
    'sweeping', 'completed', 'rejected', 'superseded', 'expired', 'aborted')),
  reason text,
  cause text not null,
  attempt integer not null,
  failures integer not null,
  dry_run boolean not null,
  retries text not null,
  epochs jsonb not null,
  refresh text[] not null,
  ready_stamp text,
  lease_owner text,
  lease_until timestamptz,
  progress jsonb not null default '{}',
  reading jsonb,
  read_failure jsonb,
  plan jsonb,
  plan_digest text,
  guard jsonb not null default '[]',
  hold text check (hold in ('sweep', 'everything')),
  decision jsonb,
  retry_at timestamptz,
  opened_at timestamptz not null,
  state_at timestamptz not null,
  marker_at timestamptz,
  closed_at timestamptz,
  persisted_at timestamptz,
  primary key (district_id, generation)
);
create unique index one_run_not_closed on ledger.runs (district_id)
  where state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted');
create index runs_not_announced on ledger.runs (district_id)
  where marker_at is null and state in ('rejected', 'superseded', 'expired', 'aborted');
create index runs_not_persisted on ledger.runs (district_id)
  where persisted_at is null and state = 'completed';

create table ledger.partition_answers (
  district_id text collate "C" not null,
  generation bigint not null,
  kind text not null check (kind in ('planned', 'applied', 'swept', 'failed')),
  partition integer not null,
  answer jsonb not null,
  primary key (district_id, generation, kind, partition)
);
-- The highest generation whose watermark Postgres has passed.
create table ledger.passed (
  district_id text collate "C" not null,
  partition integer not null,
  entity_type text not null,
  generation bigint not null,
  primary key (district_id, partition, entity_type)
);
create table ledger.leases (
  name text primary key,
  owner text not null,
  until timestamptz not null
);
create table ledger.lifecycle_events (
  id bigint generated always as identity primary key,
  district_id text collate "C" not null,
  generation bigint not null,
  moment text not null,
  time timestamptz not null,
  body jsonb not null,
  published_at timestamptz
);
create index events_not_published on ledger.lifecycle_events (id) where published_at is null;
`,
  },
  {
    version: 2,
    statement: `
-- What is due to be sent again, and how often that was asked for: a run ends only what it was opened with.
create table ledger.refreshes (
  district_id text collate "C" not null references ledger.districts,
  entity_type text not null,
  asks integer not null,
  asked_at timestamptz not null,
  primary key (district_id, entity_type)
);
insert into ledger.refreshes (district_id, entity_type, asks, asked_at)
  select district_id, unnest(refresh_due), 1, now() from ledger.districts;
alter table ledger.districts drop column refresh_due, add column refreshed_at timestamptz;
alter table ledger.runs add column refresh_asks jsonb not null default '{}';
alter table ledger.wishes drop constraint wishes_cause_check,
  add check (cause in ('scheduled', 'newer', 'asked', 'retry', 'refresh'));
-- The last watermark that a copy differed from; gone once a later one was passed.
create table ledger.drifts (
  district_id text collate "C" not null references ledger.districts,
  entity_type text not null,
  partition integer not null,
  generation bigint not null,
  survived boolean not null,
  expected jsonb not null,
  found jsonb not null,
  reported_at timestamptz not null,
  primary key (district_id, entity_type, partition)
);
`,
  },
  {
    version: 3,
    statement: `
-- Point 6 of the proof; null until the records that are absent were asked for, or none was absent.
alter table ledger.runs add column confirmation jsonb;
`,
  },
  {
    version: 4,
    statement: `
-- How long a district may do without a completed run counts from the later of these; late_since: it was told so.
alter table ledger.districts add column active_since timestamptz not null default now(),
  add column completed_at timestamptz, add column late_since timestamptz;
update ledger.districts d set completed_at = (select max(r.closed_at) from ledger.runs r
  where r.district_id = d.district_id and r.state = 'completed');
create index runs_being_read on ledger.runs (lease_until) where state = 'reading';
-- Counts behind the lock, so as of now: one claim at a time, until its transaction ends.
create function ledger.runs_being_read() returns bigint language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(hashtext(current_database() || '/ledger.runs_being_read'));
  return (select count(*) from ledger.runs where state = 'reading' and lease_until > now());
end $$;
`,
  },
  {
    version: 5,
    statement: `
-- Since when a suspended district is; null: it was before this was kept. active_since leaves out time suspended.
alter table ledger.districts add column suspended_since timestamptz;
create index runs_by_opening on ledger.runs (opened_at desc);
-- Whether a lease until then is held now. None is given for a quarter of an hour: one beyond was noted while the clock
-- was ahead, and whoever had it may be gone; who has not renews it.
create function ledger.is_held(until timestamptz) returns boolean language sql stable as $$
  select coalesce(until > now() and until <= now() + interval '15 minutes', false)
$$;
create or replace function ledger.runs_being_read() returns bigint language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(hashtext(current_database() || '/ledger.runs_being_read'));
  return (select count(*) from ledger.runs where state = 'reading' and ledger.is_held(lease_until));
end $$;
`,
  },
];
