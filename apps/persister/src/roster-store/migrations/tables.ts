/*
 * One table per entity type: OneRoster's attributes under their own names, references as ids, then what is kept about
 * the row. Nothing but the key is required and nothing refers to another table, because topics share no order; rows
 * are archived, never removed.
 */
export const TABLES = `
create function pg_temp.create_roster_table(name text, attributes text) returns void language plpgsql as $$
begin
  execute format('
    create table roster.%I (
      district_id text collate "C" not null,
      gg4l_id text collate "C" not null,
      %s,
      extensions jsonb,
      date_last_modified text,
      generation bigint,
      epoch integer,
      partition integer,
      log_offset bigint,
      fingerprint bytea,
      archived_at timestamptz,
      archive_cause text,
      first_seen_at timestamptz,
      changed_at timestamptz,
      primary key (district_id, gg4l_id)
    )', name, attributes);
end
$$;

select pg_temp.create_roster_table('orgs', '
  name text,
  type text,
  identifier text,
  parent text,
  children text[]');

select pg_temp.create_roster_table('academic_sessions', '
  title text,
  type text,
  start_date date,
  end_date date,
  school_year text,
  parent text,
  children text[]');

select pg_temp.create_roster_table('courses', '
  title text,
  course_code text,
  school_year text,
  grades text[],
  subjects text[],
  subject_codes text[],
  org text,
  resources text[]');

select pg_temp.create_roster_table('classes', '
  title text,
  class_code text,
  class_type text,
  location text,
  grades text[],
  subjects text[],
  subject_codes text[],
  periods text[],
  course text,
  school text,
  terms text[],
  resources text[]');

select pg_temp.create_roster_table('users', '
  username text,
  given_name text,
  family_name text,
  middle_name text,
  role text,
  enabled_user boolean,
  identifier text,
  email text,
  sms text,
  phone text,
  grades text[],
  orgs text[],
  agents text[],
  user_ids jsonb');

select pg_temp.create_roster_table('demographics', '
  birth_date date,
  sex text,
  american_indian_or_alaska_native boolean,
  asian boolean,
  black_or_african_american boolean,
  native_hawaiian_or_other_pacific_islander boolean,
  white boolean,
  demographic_race_two_or_more_races boolean,
  hispanic_or_latino_ethnicity boolean,
  country_of_birth_code text,
  state_of_birth_abbreviation text,
  city_of_birth text,
  public_school_residence_status text');

select pg_temp.create_roster_table('enrollments', '
  role text,
  "primary" boolean,
  begin_date date,
  end_date date,
  "user" text,
  class text,
  school text');
`;
