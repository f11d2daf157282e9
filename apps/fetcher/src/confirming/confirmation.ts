/* Point 6 of the proof, judged from what asking found. Pure. */
import { ENTITY_TYPES, type EntityType, type PerType } from '#contracts';
import type { Confirmation, ProofState } from '#ledger';
import type { TypeFound } from './ask-absent.js';

/** One record that is still there fails it; it is proven only if every record asked for is gone. */
export function confirmationOf(found: PerType<TypeFound>): Confirmation {
  const types = ENTITY_TYPES.flatMap((type) =>
    found[type] === undefined ? [] : [[type, found[type]] as const],
  );
  const stillThere = types
    .filter(([, { there }]) => there.length > 0)
    .map(([type, { there }]) => [type, there]);
  const sentences = types.map(([type, of]) => sentenceOf(type, of));
  return {
    point: 6,
    state: stateOf(types.map(([, of]) => of)),
    finding: `Absent records asked for one by one: ${sentences.join('; ')}.`,
    stillThere: Object.fromEntries(stillThere) as Confirmation['stillThere'],
  };
}

/** Nobody could be asked. */
export function unaskedConfirmation(why: string): Confirmation {
  const finding = `No absent record could be asked for: ${why}.`;
  return { point: 6, state: 'not available', finding, stillThere: {} };
}

function stateOf(found: readonly TypeFound[]): ProofState {
  if (found.some(({ there }) => there.length > 0)) return 'failed';
  return found.every(({ gone, toAsk }) => gone === toAsk) ? 'proven' : 'not available';
}

function sentenceOf(type: EntityType, { absent, asked, gone, there, why }: TypeFound): string {
  const told = [`${asked} of ${absent} ${type}`, `${gone} gone`];
  if (there.length > 0) told.push(`${there.length} still there`);
  const untold = asked - gone - there.length;
  if (untold > 0) told.push(`${untold} not told`);
  return `${told.join(', ')}${why === null ? '' : ` (${why})`}`;
}
