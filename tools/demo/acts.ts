/** The story, act by act. Each checks what it tells against the rows in Postgres; what differs ends the demo. */
import { ENTITY_TYPES, type VerbCounts } from '#contracts';
import type { RunView } from '../start/admin-api.client.js';
import { formatCounts, formatHeldPlan } from './playbill.js';
import { tableOf, type Counts } from './rows.js';
import type { TrueRecord } from './sandbox.client.js';
import { expectThat, type Theatre } from './theatre.js';

type Tell = (text: string) => void;

export interface Act {
  readonly title: string;
  readonly play: (theatre: Theatre, tell: Tell) => Promise<void>;
}

export const ACTS: readonly Act[] = [
  { title: 'First load', play: firstLoad },
  { title: 'An ordinary day', play: ordinaryDay },
  { title: 'Edits', play: edits },
  { title: 'A school is unshared', play: schoolUnshared },
  { title: 'The school is shared again', play: schoolShared },
  { title: 'The server answers empty lists', play: emptyLists },
  { title: 'The plan is rejected', play: planRejected },
];

const total = (counts: Counts, verb: keyof VerbCounts): number =>
  ENTITY_TYPES.reduce((sum, type) => sum + counts[type][verb], 0);

function expectTotals(counts: Counts, told: Partial<VerbCounts>): void {
  for (const verb of ['created', 'updated', 'restored', 'archived'] as const) {
    const expected = told[verb] ?? 0;
    const found = total(counts, verb);
    expectThat(found === expected, `${found} records were ${verb}, not ${expected}`);
  }
}

async function completed(theatre: Theatre, tell: Tell): Promise<Counts> {
  const counts = await theatre.expectRows(await theatre.run('completed'));
  await theatre.expectTruth();
  tell(formatCounts(counts));
  return counts;
}

async function firstLoad(theatre: Theatre, tell: Tell): Promise<void> {
  tell('A district is connected. Everything it shares is fetched, planned and written to Postgres.');
  const counts = await completed(theatre, tell);
  const truth = await theatre.sandbox.truth(theatre.districtId);
  const shared = ENTITY_TYPES.reduce((sum, type) => sum + truth[type].shared.length, 0);
  expectTotals(counts, { created: shared });
}

async function ordinaryDay(theatre: Theatre, tell: Tell): Promise<void> {
  tell('Nothing has changed: all of it is read and compared, and no row is written.');
  expectTotals(await completed(theatre, tell), {});
}

async function edits(theatre: Theatre, tell: Tell): Promise<void> {
  const [user] = await theatre.sandbox.records(theatre.districtId, 'users');
  const [course] = await theatre.sandbox.records(theatre.districtId, 'courses');
  const [enrollment] = await theatre.sandbox.records(theatre.districtId, 'enrollments');
  const familyName = 'Lovelace-Byron';
  await theatre.change('POST', 'edits', [
    { verb: 'edit', type: 'users', sourcedId: user?.sourcedId, attributes: { familyName } },
    {
      verb: 'edit',
      type: 'courses',
      sourcedId: course?.sourcedId,
      attributes: { title: 'Poetical Science' },
    },
    { verb: 'remove', type: 'enrollments', sourcedId: enrollment?.sourcedId },
    {
      verb: 'add',
      type: 'users',
      record: newcomerLike(user),
    },
  ]);
  tell('One person marries, one course gets another title, somebody new arrives, one enrollment ends.');
  expectTotals(await completed(theatre, tell), { created: 1, updated: 2, archived: 1 });
  const { rows } = await theatre.client.query<{ family_name: string }>(
    `select family_name from ${tableOf('users')} where district_id = $1 and gg4l_id = $2`,
    [theatre.districtId, user?.sourcedId],
  );
  expectThat(rows[0]?.family_name === familyName, 'the new family name is not in Postgres');
}

/** The sandbox sets status and date itself. */
function newcomerLike(user: TrueRecord | undefined): object {
  const stamped = ['status', 'dateLastModified'];
  const plain = Object.entries(user ?? {}).filter(([name]) => !stamped.includes(name));
  const name = { sourcedId: 'newcomer', username: 'newcomer', familyName: 'Newcomer' };
  return { ...Object.fromEntries(plain), ...name };
}

async function schoolUnshared(theatre: Theatre, tell: Tell): Promise<void> {
  const orgs = await theatre.sandbox.records(theatre.districtId, 'orgs');
  const school = orgs.find(({ type }) => type === 'school');
  expectThat(school !== undefined, 'the sandbox shares no school');
  const name = String(school?.name);
  await theatre.change('POST', `schools/${school?.sourcedId}/unshare`);
  tell(`${name} is no longer shared. Archiving so many people at once needs somebody's word.`);
  const { run, digest } = await heldRun(theatre, tell);
  tell('The plan of exactly that digest is approved, and its records are archived:');
  const done = await theatre.decide(run, 'approval', digest, `${name} is no longer shared`);
  const counts = await theatre.expectRows(done);
  await theatre.expectTruth();
  tell(formatCounts(counts));
  expectThat(counts.users.archived > 0, 'nobody was archived');
}

async function schoolShared(theatre: Theatre, tell: Tell): Promise<void> {
  const archivedSchools = await theatre.client.query<{ id: string; name: string }>(
    `select gg4l_id as id, name from ${tableOf('orgs')} where district_id = $1 and archived_at is not null`,
    [theatre.districtId],
  );
  const [school] = archivedSchools.rows;
  await theatre.change('POST', `schools/${school?.id}/reshare`);
  tell(`${school?.name} is shared again: the archived rows come back to life, the same rows as before.`);
  const counts = await completed(theatre, tell);
  expectThat(counts.users.restored > 0, 'nobody was restored');
  expectTotals(counts, { restored: total(counts, 'restored'), updated: total(counts, 'updated') });
}

async function emptyLists(theatre: Theatre, tell: Tell): Promise<void> {
  await theatre.sandbox.control('POST', 'faults', { kind: 'empty-list', districtId: theatre.districtId });
  tell('Every list comes back empty, with a cheerful 200. An empty answer is never "everybody left".');
  const { run } = await heldRun(theatre, tell);
  const planned = run.types.users?.archived ?? 0;
  expectThat(planned > 0, 'the plan would archive nobody');
  tell('In Postgres, nothing has happened:');
  const counts = await theatre.expectRows(run);
  tell(formatCounts(counts));
  expectTotals(counts, {});
  await theatre.sandbox.control('DELETE', `faults?districtId=${theatre.districtId}`);
  await theatre.expectTruth();
}

async function planRejected(theatre: Theatre, tell: Tell): Promise<void> {
  tell('Somebody looks, rejects that plan by its digest, and it is closed. Nobody was archived:');
  const run = await theatre.lastRun();
  const done = await theatre.decide(run, 'rejection', run.digest ?? '', 'the server was ill');
  const counts = await theatre.expectRows(done);
  await theatre.expectTruth();
  tell(formatCounts(counts));
  expectTotals(counts, {});
}

/** Held, shown, and nothing archived yet. */
async function heldRun(theatre: Theatre, tell: Tell): Promise<{ run: RunView; digest: string }> {
  const run = await theatre.run('held');
  const counts = await theatre.expectRows(run);
  expectThat(total(counts, 'archived') === 0, 'rows were archived by a plan that is held');
  const plan = await theatre.heldPlan(run);
  tell(formatHeldPlan(plan));
  const { digest } = plan;
  expectThat(digest !== null && plan.stale.length > 0, 'the held plan has no digest or no names');
  return { run, digest: digest ?? '' };
}
