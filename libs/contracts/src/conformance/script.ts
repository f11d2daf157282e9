/* The messages of the conformance test, one by one. */
import { watermarkKey } from '../change-messages.js';
import type { EntityType } from '../entity-types.js';
import { idIn, PARTITIONS, Sequence, type Ref, type SequenceChange } from './sequence.js';

export type Verdict = 'equal' | 'differs' | 'not compared';

export const D = 'maple-valley';
export const E = 'cedar-grove';
/** Of these two only what is in one partition comes, so they are never complete. */
export const F = 'old-mill';
export const G = 'birch-hill';
export const TYPES: readonly EntityType[] = ['classes', 'users'];

/** What an event says of itself where its record's `name` is another than before. */
const RENAMED = { changed: ['givenName'] } as const;

export function of(
  verb: SequenceChange['verb'],
  id: string,
  generation: number,
  more: Partial<SequenceChange> = {},
): SequenceChange {
  return { verb, id, generation, district: D, ...more };
}

export class Script {
  readonly sequence = new Sequence();
  readonly watermarks: (Ref & { verdict: Verdict })[] = [];
  readonly deadLetters: Ref[] = [];

  readonly a = idIn('users', 0, D, 'a');
  readonly b = idIn('users', 0, D, 'b');
  readonly f = idIn('users', 0, D, 'f');
  readonly x = idIn('users', 0, D, 'x');
  readonly c = idIn('users', 0, E, 'c');
  readonly y = idIn('users', 0, D, 'y');
  readonly z = idIn('users', 0, G, 'z');
  readonly odd = idIn('users', 1, D, 'Ünï/|+ %40 "\\');
  readonly k = idIn('classes', 0, D, 'k');

  mark(
    verdict: Verdict,
    [type, partition, generation]: readonly [EntityType, number, number],
    active: readonly SequenceChange[],
    says: string,
    more: { district?: string; epoch?: number } = {},
  ): void {
    const of = { district: D, generation, ...more };
    this.watermarks.push({ ...this.sequence.watermark(type, partition, of, active, says), verdict });
  }

  /** Partitions where nothing but watermarks comes. */
  quiet(verdict: Verdict, generation: number, more: { district?: string } = {}): void {
    const isD = more.district === undefined;
    const holds = (type: EntityType, partition: number): readonly SequenceChange[] => {
      if (!isD) return [];
      if (type === 'classes') return partition === 0 ? [of('created', this.k, 100)] : [];
      return [of('created', this.odd, 100)];
    };
    for (const [type, partition] of [
      ['classes', 0],
      ['classes', 1],
      ['users', 1],
    ] as const) {
      const says = `the watermark of generation ${generation} where nothing changed`;
      this.mark(verdict, [type, partition, generation], holds(type, partition), says, {
        ...more,
      });
    }
  }
}

export function backlog(script: Script): void {
  const { sequence, a, b, c, x, odd, k } = script;
  for (const type of TYPES)
    for (let partition = 0; partition < PARTITIONS; partition += 1)
      sequence.fence(type, partition, 1, 'the fence that every partition begins with');
  sequence.change('classes', of('created', k, 100), 'a class');
  sequence.change(
    'users',
    of('created', odd, 100),
    'an id of odd characters: the key is split at its first two slashes',
  );
  sequence.change('users', of('created', a, 100, { name: 'Ann' }), 'a user');
  sequence.change('users', of('created', b, 100), 'another');
  sequence.change('users', of('created', c, 100, { district: E }), 'one of another district');
  const first = [of('created', a, 100, { name: 'Ann' }), of('created', b, 100)];
  script.mark(
    'not compared',
    ['users', 0, 100],
    first,
    'in a first read only the last of a district is compared',
  );
  const ofE = [of('created', c, 100, { district: E })];
  script.mark('equal', ['users', 0, 100], ofE, 'the last of this district', { district: E });
  script.quiet('not compared', 100);
  script.quiet('equal', 100, { district: E });
  sequence.change('users', of('created', a, 100, { name: 'Ann' }), 'the same once more: changes nothing');
  sequence.change('users', of('updated', a, 200, { name: 'Anna', ...RENAMED }), 'content differs');
  sequence.change('users', of('archived', b, 200), 'an archive without a body');
  sequence.change(
    'users',
    of('archived', x, 200, { cause: 'withdrawn' }),
    'an archive of what was never seen',
  );
  script.mark(
    'not compared',
    ['users', 0, 200],
    [of('updated', a, 200, { name: 'Anna' })],
    'not the last one',
  );
  script.quiet('not compared', 200);
  sequence.fence('users', 0, 2, 'from here on epoch 1 is out of force in this partition');
  sequence.change(
    'users',
    of('updated', a, 300, { name: 'zombie' }),
    'behind the fence with an older epoch: ignored',
  );
  script.mark('not compared', ['users', 0, 300], [], 'behind the fence with an older epoch: says nothing');
  sequence.change(
    'users',
    of('restored', b, 400, { epoch: 2, name: 'Bea', archivedIn: 200, ...RENAMED }),
    'back under the same id, with a name that it did not have',
  );
  sequence.change(
    'users',
    of('updated', a, 150, { epoch: 2, name: 'late' }),
    'late: a lower generation than stored (a shadow)',
  );
  sequence.tombstone('users', D, x, 'of an archived record: forget the id');
  const { key } = sequence.messages.at(-1) ?? { key: '' };
  script.deadLetters.push(sequence.add('users', 0, key, 'not json', 'poison: no JSON'));
  const again = of('archived', script.y, 400, { epoch: 2, cause: 'refresh', archivedIn: 300 });
  sequence.change('users', again, 'an archive sent again, of what was never seen here');
  laterVersions(script);
  comeAndGo(script);
  script.mark('equal', ['users', 0, 400], bothActive(script), 'the last one of the first read', { epoch: 2 });
  script.quiet('equal', 400);
}

/** What a later version of the contract may bring to the topic, and what it may not. */
function laterVersions({ sequence, deadLetters, b }: Script): void {
  const { key, value } = sequence.messages.findLast(({ key }) => key === `${D}/users/${b}`) ?? {};
  if (key === undefined) throw new Error('nothing to make a later version of');
  const event = { ...(value as object), subject: 'later-1' };
  const merged = { ...event, type: 'roster.users.merged' };
  sequence.add('users', 0, `${D}/users/later-1`, merged, 'of a type that came later: passed over, no fault');
  const other = { ...event, specversion: '2.0' };
  deadLetters.push(sequence.add('users', 0, `${D}/users/later-1`, other, 'poison: of another version'));
}

/** Districts that end, and a record that begins once more. */
function comeAndGo(script: Script): void {
  const { sequence, z } = script;
  const ofF = [of('created', 'never-there', 100, { district: F })];
  script.mark('not compared', ['users', 0, 100], ofF, 'counts what is gone: its tombstone follows', {
    ...{ district: F, epoch: 2 },
  });
  sequence.add(
    'users',
    0,
    watermarkKey(F),
    null,
    'of a watermark: nothing is known of the district any more',
  );
  const ofG = { district: G, epoch: 2 };
  sequence.change('users', of('created', z, 100, { ...ofG, name: 'Zoe' }), 'one that goes and comes back');
  sequence.tombstone('users', G, z, 'forget the id, and its generation');
  const back = of('created', z, 90, { ...ofG, name: 'Zora' });
  sequence.change('users', back, 'behind a tombstone an event of any generation is the first');
  script.mark('equal', ['users', 0, 100], [back], 'the last of this district', ofG);
}

function bothActive({ a, b }: Script): readonly SequenceChange[] {
  return [of('updated', a, 200, { name: 'Anna' }), of('restored', b, 400, { name: 'Bea' })];
}

export function live(script: Script): void {
  const { sequence, a, b, c, f } = script;
  sequence.part = 'live';
  const renamed = of('updated', a, 500, { epoch: 2, name: 'Annie', ...RENAMED });
  sequence.change('users', renamed, 'content differs; with a member that came later');
  withMember(sequence);
  const rows = [of('updated', a, 500, { name: 'Annie' }), of('restored', b, 400, { name: 'Bea' })];
  script.mark('equal', ['users', 0, 500], rows, 'behind the first read every watermark is compared', {
    epoch: 2,
  });
  script.quiet('equal', 500);
  const lost = of('created', f, 600, { epoch: 2, name: 'Flo' });
  const poison = sequence.change('users', lost, 'poison: fails the schema (no generation)');
  script.deadLetters.push(poison);
  spoil(sequence);
  sequence.change('users', of('archived', c, 600, { district: E, epoch: 2 }), 'the last of its district');
  script.mark('differs', ['users', 0, 600], [...rows, lost], 'counts what was poison: the copy lacks it', {
    epoch: 2,
  });
  script.mark('equal', ['users', 0, 600], [], 'nobody is active any more', { district: E, epoch: 2 });
  script.quiet('equal', 600);
  script.quiet('equal', 600, { district: E });
  const mended = of('updated', f, 700, { epoch: 2, name: 'Flo', cause: 'refresh' });
  sequence.change('users', mended, 'what is known is sent again: an upsert, though nothing was created');
  script.mark('not compared', ['users', 0, 600], [...rows, lost], 'a repeat; a row has a higher generation', {
    epoch: 2,
  });
  sequence.tombstone('users', D, a, 'of an active record (a person was erased): forget the id');
  const others = [of('restored', b, 400, { name: 'Bea' }), mended];
  script.mark('equal', ['users', 0, 700], others, 'the copy is right again', { epoch: 2 });
  script.quiet('equal', 700);
}

/** Takes its generation from the message written last. */
function spoil(sequence: Sequence): void {
  changeLast(sequence, ({ generation: _, ...rest }) => rest);
}

/** Gives the message written last a member that no schema names. */
function withMember(sequence: Sequence): void {
  changeLast(sequence, (value) => ({ ...value, later: { any: ['thing'] } }));
}

function changeLast(
  { messages }: Sequence,
  change: (value: Readonly<Record<string, unknown>>) => unknown,
): void {
  const last = messages.pop();
  if (last === undefined) throw new Error('there is no message to change');
  messages.push({ ...last, value: change(last.value as Record<string, unknown>) });
}
