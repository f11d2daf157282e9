/*
 * Asks for absent records one by one. Before those of a type one is asked for that is known to be there: a source that
 * says 404 to that one too has no single records, and its 404 confirms nothing. Where no answer comes at all, or time
 * is up, nothing more is asked.
 */
import { ENTITY_TYPES, type EntityType, type PerType } from '#contracts';
import type { Absent, ClaimedConfirmation } from '#ledger';
import type { SingleAnswer } from '../ports.js';
import { verdictOf, type Verdict } from './verdict.js';

const SIDE_BY_SIDE = 4;

/** What asking for the absent records of one type found. */
export interface TypeFound {
  readonly absent: number;
  readonly toAsk: number;
  readonly asked: number;
  readonly gone: number;
  readonly there: readonly string[];
  /** Why some were not asked for, or not told of. */
  readonly why: string | null;
}

export type AskOne = (type: EntityType, gg4lId: string) => Promise<SingleAnswer>;

export async function askAbsent(
  { absent, known }: Pick<ClaimedConfirmation, 'absent' | 'known'>,
  ask: AskOne,
  isOver: () => boolean,
): Promise<PerType<TypeFound>> {
  const found: Partial<Record<EntityType, TypeFound>> = {};
  const asking = new Asking(ask, isOver);
  for (const type of ENTITY_TYPES) {
    const of = absent[type];
    if (of !== undefined) found[type] = await asking.askType(type, of, known[type]);
  }
  return found;
}

class Asking {
  /** Why nothing more is asked. */
  private ended: string | null = null;

  constructor(
    private readonly ask: AskOne,
    private readonly isOver: () => boolean,
  ) {}

  async askType(type: EntityType, { count, ids }: Absent, known: string | undefined): Promise<TypeFound> {
    const tally = { gone: 0, there: [] as string[], silent: 0, why: null as string | null };
    const isTold = await this.givesSingles(type, known, tally);
    const rest = isTold ? [...ids] : [];
    const work = async (): Promise<void> => {
      for (let id = rest.shift(); id !== undefined && !this.isEnded(); id = rest.shift()) {
        const verdict = await this.askOne(type, id, tally);
        if (verdict === 'there') tally.there.push(id);
        else tally[verdict] += 1;
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    const { gone, there, silent, why } = tally;
    const asked = gone + there.length + silent;
    const isWhole = asked === ids.length && silent === 0;
    return {
      absent: count,
      toAsk: ids.length,
      asked,
      gone,
      there: there.sort(),
      why: isWhole ? null : (why ?? this.ended),
    };
  }

  private async givesSingles(
    type: EntityType,
    known: string | undefined,
    tally: { why: string | null },
  ): Promise<boolean> {
    if (this.isEnded()) return false;
    if (known === undefined) tally.why = 'none is known to be there, to try single records with';
    else if ((await this.askOne(type, known, tally)) === 'there') return true;
    tally.why ??= 'a record that is there is not given by itself';
    return false;
  }

  private async askOne(type: EntityType, gg4lId: string, tally: { why: string | null }): Promise<Verdict> {
    const answer = await this.ask(type, gg4lId);
    if ('why' in answer) tally.why ??= answer.why;
    if (answer.kind === 'no-answer') this.ended ??= answer.why;
    const verdict = verdictOf(type, gg4lId, answer);
    if (verdict === 'silent') tally.why ??= 'an answer that says nothing';
    return verdict;
  }

  private isEnded(): boolean {
    if (this.ended === null && this.isOver()) this.ended = 'time is up';
    return this.ended !== null;
  }
}
