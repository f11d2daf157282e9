/*
 * Marked names, addresses and secrets go every way there is, the failing ones first of all. Afterwards everything that
 * is left behind is searched for them: contents of records are found where they are at home, secrets nowhere.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONTENTS, marksIn, PASSWORD, TOKEN, type Mark } from './canary/marks.js';
import { keptIn, saidBy, toldBy, writtenTo, type TopicTraces, type Trace } from './canary/traces.js';
import { Ground } from './support/ground.js';
import type { Fault } from './support/sandbox.client.js';
import { Stir } from './support/stir.js';

const PREPARED_WITHIN_MS = 240_000;
const ENTITY_ROW = 'users';
const [GIVEN, FAMILY, MAIL, PHONE] = CONTENTS.map(({ text }) => text);
const BROKEN = Buffer.from(
  `{"data": {"familyName": "${FAMILY}", "email": "${MAIL}", "password": "${PASSWORD.text}"`,
);

type Way = readonly [what: string, faults: readonly Omit<Fault, 'districtId'>[], state: string];

/** Each on a district of its own, the last of which is read without a fault. */
const WAYS: readonly Way[] = [
  ['a refusal that repeats the token', [{ kind: 'echo', entityType: ENTITY_ROW }], 'aborted'],
  [
    'a token end that repeats the secret',
    [
      { kind: 'status', status: 401, entityType: ENTITY_ROW, times: 1 },
      { kind: 'echo', status: 401, target: 'token' },
    ],
    'aborted',
  ],
  [
    'a refusal with 401 that repeats the token',
    [{ kind: 'echo', status: 401, entityType: 'orgs' }],
    'aborted',
  ],
  ['half a page', [{ kind: 'truncated', entityType: ENTITY_ROW }], 'aborted'],
  ['a broken connection', [{ kind: 'reset', entityType: ENTITY_ROW }], 'aborted'],
  ['rows without an id', [{ kind: 'no-usable-id', entityType: ENTITY_ROW, count: 50 }], 'held'],
  [
    'an id with different contents',
    [{ kind: 'no-totals' }, { kind: 'repeat-id', entityType: ENTITY_ROW }],
    'held',
  ],
  ['no fault', [], 'completed'],
];

let ground: Ground;
let secrets: readonly Mark[];
const answers: Trace[] = [];
const traces = {} as Record<'topics' | 'contracts', TopicTraces>;

/** Names, an address and a password for every user; the type of one user's attribute is wrong. */
async function mark(districtId: string): Promise<void> {
  const users = await ground.sandbox.shared(districtId, 'users');
  const attributes = { givenName: GIVEN, familyName: FAMILY, email: MAIL, phone: PHONE };
  await ground.sandbox.edit(
    districtId,
    users.map(({ sourcedId }, at) => ({
      ...{ verb: 'edit', type: 'users', sourcedId, attributes },
      wire: { password: PASSWORD.text, ...(at === 3 ? { orgs: 7, username: { of: FAMILY } } : {}) },
    })),
  );
}

beforeAll(async () => {
  ground = await Ground.open('canary', ['--districts', String(WAYS.length)], {
    settings: { LOG_LEVEL: 'debug', RUN_RETRY_MS: '600000', FETCHER_CONCURRENCY: '8' },
    withinMs: 120_000,
  });
  await ground.startServices();
  secrets = [TOKEN, ...(await ground.sandbox.secrets(ground.partner))];
  const districtIds = await ground.districtIds();
  await Promise.all(districtIds.map((one) => mark(one).then(() => ground.coordinator.runToEnd(one))));
  await Promise.all(districtIds.map((one, at) => goWrong(one, WAYS[at] ?? WAYS[0])));
  await breakDiscovery();
  await breakMessages(districtIds.at(-1) ?? '');
  secrets = [...secrets, ...(await ground.sandbox.secrets(ground.partner))];
  const { raw, reports, deadLetters, snapshots, changes } = ground.topics.names;
  traces.topics = await writtenTo(ground, [raw, deadLetters, ...Object.values(changes)]);
  traces.contracts = await writtenTo(ground, [reports, snapshots]);
}, PREPARED_WITHIN_MS);
afterAll(() => ground.close());

async function goWrong(districtId: string, way: Way | undefined): Promise<void> {
  const [, faults, state] = way ?? ['', [], ''];
  await new Stir(ground.sandbox, districtId).stir();
  for (const fault of faults) await ground.sandbox.fault({ ...fault, districtId } as Fault);
  const opened = await ground.coordinator.open(districtId);
  await ground.fleet.until(
    `the run was ${state}`,
    async () => {
      const [last] = await ground.coordinator.runs(districtId);
      return (await ground.coordinator.run(opened)).state === state || last?.state === state;
    },
    120_000,
  );
  await ground.sandbox.noFaults(districtId);
}

/** The partner's own secret and token, repeated by School Passport. */
async function breakDiscovery(): Promise<void> {
  for (const fault of [
    { kind: 'echo', target: 'discovery', status: 404 },
    { kind: 'html-200', target: 'discovery' },
    { kind: 'truncated', target: 'discovery' },
    { kind: 'echo', target: 'discovery', status: 401 },
  ]) {
    await ground.sandbox.fault(fault);
    const { url } = ground.fleet.running('coordinator')[0] ?? { url: '' };
    const answer = await fetch(`${url}/discovery`, { method: 'POST' });
    const text = await answer.text();
    expect([fault.kind, answer.status >= 400]).toEqual([fault.kind, true]);
    answers.push({ place: `POST /discovery with ${fault.kind}`, text });
    await ground.sandbox.noFaults();
  }
}

/** Messages of marked contents that nobody can read, and runs after them. */
async function breakMessages(districtId: string): Promise<void> {
  const { raw, reports, deadLetters, changes } = ground.topics.names;
  for (const topic of [raw, reports, deadLetters, changes.users]) await ground.topics.spoil(topic, 0, BROKEN);
  await new Stir(ground.sandbox, districtId).stir();
  expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
  await ground.fleet.until('the dead letters were kept', async () => {
    const found = (await ground.rows.deadLetters()).map(({ topic }) => topic);
    return [raw, reports, deadLetters, changes.users].every((topic) => found.includes(topic));
  });
}

/** Where which marks were found. */
function found(in_: readonly Trace[], marks: readonly Mark[]): readonly string[] {
  return in_.flatMap(({ place, text }) => marksIn(text, marks).map((mark_) => `${mark_} in ${place}`));
}

const everything = (): readonly Mark[] => [...CONTENTS, PASSWORD, ...secrets];

describe('marked contents and secrets', () => {
  it('went their ways: they are found where they are at home', async () => {
    const users = await keptIn(ground, 'roster');
    const table = users.find(({ place }) => place === 'roster.users')?.text ?? '';
    expect(marksIn(table, CONTENTS)).toHaveLength(CONTENTS.length);
    const written = traces.topics.values.map(({ text }) => text).join('\n');
    expect(marksIn(written, CONTENTS)).toHaveLength(CONTENTS.length);
    expect(secrets.length).toBeGreaterThan(2 * WAYS.length);
  });

  it('are in no output of any service, at level debug', () => {
    const said = saidBy(ground);
    expect(said.map(({ text }) => text.length > 500)).toEqual(said.map(() => true));
    expect(found(said, everything())).toEqual([]);
  });

  it('are in no header or key of any topic, and in no report or event of a run', () => {
    const { topics, contracts } = traces;
    const all = [...topics.headersAndKeys, ...contracts.headersAndKeys];
    expect(found(all, everything())).toEqual([]);
    expect(contracts.values.length).toBeGreaterThan(20);
    const ours = contracts.values.filter(({ text }) => text !== BROKEN.toString());
    expect(found(ours, everything())).toEqual([]);
  });

  it('are in no table of the ledger, and in no reason of a dead letter', async () => {
    const ledger = await keptIn(ground, 'ledger');
    expect(ledger.length).toBeGreaterThan(8);
    expect(found(ledger, everything())).toEqual([]);
    const roster = await keptIn(ground, 'roster', ['contents']);
    const letters = roster.filter(({ place }) => place === 'roster.dead_letters');
    expect(letters[0]?.text.length).toBeGreaterThan(100);
    expect(found(letters, everything())).toEqual([]);
  });

  it('are in no metric, no health, no view of a run, and no answer that tells of a failure', async () => {
    expect(answers).toHaveLength(4);
    expect(found([...answers, ...(await toldBy(ground))], everything())).toEqual([]);
  });

  it('of which tokens, client secrets and passwords are in no message and no row at all', async () => {
    const never = [PASSWORD, ...secrets];
    const ours = traces.topics.values.filter(({ text }) => !isSpoilt(text));
    expect(found(ours, never)).toEqual([]);
    const roster = await keptIn(ground, 'roster');
    const tables = roster.filter(({ place }) => place !== 'roster.dead_letters');
    expect(found(tables, never)).toEqual([]);
  });
});

/** What the case itself wrote, and dead letters that keep it. */
function isSpoilt(text: string): boolean {
  return text === BROKEN.toString() || text.includes(BROKEN.subarray(0, 30).toString('base64').slice(0, 36));
}
