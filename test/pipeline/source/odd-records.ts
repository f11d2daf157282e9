/* Records that are odd in themselves: their ids, the forms of their values, an attribute of another type. */
import type { EntityType } from '#contracts';
import type { PlainRecord, SandboxClient } from '../support/sandbox.client.js';

const ODD_IDS: readonly string[] = [
  'a/b|c+d%e',
  '%2F',
  'with space ',
  ' leading',
  '🎓🏫',
  'Ünïcödé',
  'CaseOnly',
  'caseonly',
  'CASEONLY',
  '"quoted"\\back',
  '..',
  '0',
  'x'.repeat(255),
];

type Edits = (sandbox: SandboxClient, districtId: string) => Promise<readonly object[]>;

async function some(
  sandbox: SandboxClient,
  districtId: string,
  type: EntityType,
  isFit: (record: PlainRecord) => boolean = () => true,
): Promise<PlainRecord> {
  const found = (await sandbox.shared(districtId, type)).find(isFit);
  if (found === undefined) throw new Error(`no fit record of ${type} is shared`);
  return found;
}

/** A user for each, who is enrolled in a class. */
export const oddIds: Edits = async (sandbox, districtId) => {
  const user = await some(sandbox, districtId, 'users', ({ role }) => role === 'student');
  const enrollment = await some(sandbox, districtId, 'enrollments');
  return ODD_IDS.flatMap((sourcedId) => [
    { verb: 'add', type: 'users', record: { ...attributesOf(user), sourcedId } },
    {
      verb: 'add',
      type: 'enrollments',
      record: { ...attributesOf(enrollment), sourcedId, user: sourcedId },
    },
  ]);
};

function attributesOf(record: PlainRecord): object {
  const { status: _status, dateLastModified: _modified, ...attributes } = record;
  return attributes;
}

/** The same truth, in other forms on the wire. */
export const valueForms: Edits = async (sandbox, districtId) => {
  const users = await sandbox.shared(districtId, 'users');
  const edits: object[] = [];
  const wire = (type: EntityType, { sourcedId }: PlainRecord, forms: object): void =>
    void edits.push({ verb: 'edit', type, sourcedId, wire: forms });
  const enabled = users.filter(({ enabledUser }) => enabledUser === true);
  for (const [at, form] of ['true', 't', 1, '1', 'TRUE', null, ''].entries()) {
    const user = enabled[at];
    if (user !== undefined && form !== null && form !== '') wire('users', user, { enabledUser: form });
  }
  for (const [at, form] of [null, '', []].entries()) {
    const user = users.filter(({ middleName }) => middleName === undefined)[at + 10];
    if (user !== undefined)
      wire('users', user, { middleName: form, agents: user['agents'] ? undefined : form });
  }
  const graded = users.filter(({ grades }) => Array.isArray(grades) && grades.length === 1).slice(20, 22);
  for (const user of graded) wire('users', user, { grades: (user['grades'] as string[])[0] });
  const several = users.find(({ grades }) => Array.isArray(grades) && grades.length > 1);
  if (several !== undefined) wire('users', several, { grades: (several['grades'] as string[]).join(',') });
  const last = users.at(-1);
  if (last !== undefined)
    wire('users', last, {
      status: 'Active',
      href: 'https://elsewhere.example/users/1',
      orgs: jittered(last),
    });
  const session = (await sandbox.shared(districtId, 'academicSessions'))[0];
  if (session !== undefined)
    wire('academicSessions', session, {
      schoolYear: Number(session['schoolYear']),
      startDate: `${String(session['startDate'])}T00:00:00.000Z`,
    });
  for (const [at, one] of (await sandbox.shared(districtId, 'demographics')).slice(0, 3).entries())
    wire('demographics', one, { asian: forms(one['asian'] === true)[at] });
  return edits;
};

const forms = (flag: boolean): readonly unknown[] => (flag ? [true, 't', 1] : [false, 'f', 0]);

/** References in another order, by their ids alone. */
function jittered(user: PlainRecord): unknown {
  return [...((user['orgs'] as string[] | undefined) ?? [])].reverse().map((sourcedId) => ({ sourcedId }));
}

/** A class whose school is a number. */
export const otherType: Edits = async (sandbox, districtId) => {
  const { sourcedId } = await some(sandbox, districtId, 'classes');
  return [
    { verb: 'edit', type: 'classes', sourcedId, wire: { school: { number: 7 }, title: ['a', 'list'] } },
  ];
};

export async function mendType(sandbox: SandboxClient, districtId: string): Promise<void> {
  const { sourcedId, school, title } = await some(sandbox, districtId, 'classes');
  const wire = { school: { sourcedId: school }, title };
  await sandbox.edit(districtId, [{ verb: 'edit', type: 'classes', sourcedId, wire }]);
}
