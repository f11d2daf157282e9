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

const ABOUT_THE_RECORD = ['status', 'dateLastModified'];

function attributesOf(record: PlainRecord): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !ABOUT_THE_RECORD.includes(name)));
}

/** The same truth, in other forms on the wire. */
export const valueForms: Edits = async (sandbox, districtId) => {
  const users = await sandbox.shared(districtId, 'users');
  const [session] = await sandbox.shared(districtId, 'academicSessions');
  const demographics = await sandbox.shared(districtId, 'demographics');
  return [
    ...userForms(users),
    ...demographics.slice(0, 3).map((one, at) => {
      const asian = one['asian'] === true ? [true, 't', 1][at] : [false, 'f', 0][at];
      return onTheWire('demographics', one, { asian });
    }),
    ...(session === undefined
      ? []
      : [
          onTheWire('academicSessions', session, {
            schoolYear: Number(session['schoolYear']),
            startDate: `${String(session['startDate'])}T00:00:00.000Z`,
          }),
        ]),
  ];
};

function userForms(users: readonly PlainRecord[]): readonly object[] {
  const forms = (
    isFit: (user: PlainRecord) => boolean,
    ...wires: readonly ((user: PlainRecord) => object)[]
  ): readonly object[] =>
    users
      .filter(isFit)
      .slice(0, wires.length)
      .map((user, at) => onTheWire('users', user, wires[at]?.(user) ?? {}));
  const grades = (user: PlainRecord): readonly string[] => (user['grades'] as string[] | undefined) ?? [];
  return [
    ...forms(
      ({ enabledUser }) => enabledUser === true,
      ...['true', 't', 1, '1', 'TRUE'].map((enabledUser) => () => ({ enabledUser })),
    ),
    ...forms(
      ({ middleName, agents }) => middleName === undefined && agents === undefined,
      ...[null, '', []].map((nothing) => () => ({ middleName: nothing, agents: nothing })),
    ),
    ...forms(
      (user) => grades(user).length > 0,
      (user) => ({ grades: grades(user).join(',') }),
    ),
    ...forms(
      ({ orgs }) => Array.isArray(orgs) && orgs.length > 1,
      (user) => ({ status: 'Active', href: 'https://elsewhere.example/users/1', orgs: jittered(user) }),
    ),
  ];
}

function onTheWire(type: EntityType, { sourcedId }: PlainRecord, wire: object): object {
  return { verb: 'edit', type, sourcedId, wire };
}

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
