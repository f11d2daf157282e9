import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ClaimedRun } from '#ledger';

/** The ledger handed out a run that cannot be: nothing is read or published for it. */
export class NonsenseError extends Error {
  override readonly name = 'NonsenseError';
}

/** Throws NonsenseError with what is wrong. */
export function requireSane(run: ClaimedRun): ClaimedRun {
  const name = `run ${run.districtId}/${run.generation}`;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(run.districtId))
    throw new NonsenseError('a run of no possible district');
  if (!Number.isSafeInteger(run.generation) || run.generation < 1) {
    throw new NonsenseError(`${name} has a generation that is none`);
  }
  if (Number.isNaN(Date.parse(run.openedAt))) throw new NonsenseError(`${name} was opened at no time`);
  const unknown = run.refresh.find((type) => !ENTITY_TYPES.includes(type));
  if (unknown !== undefined) throw new NonsenseError(`${name} is to send again ${String(unknown)}`);
  if (!isSaneAllowList(run.allow)) throw new NonsenseError(`${name} has an allow-list that is none`);
  return run;
}

/** A list that cannot be understood must not come to mean everything. Null stands for what is left out. */
function isSaneAllowList(allow: ClaimedRun['allow']): boolean {
  if (allow === null) return true;
  const types = allow.types ?? [];
  const attributes = allow.attributes ?? {};
  return (
    [...types, ...(Object.keys(attributes) as EntityType[])].every((type) => ENTITY_TYPES.includes(type)) &&
    Object.values(attributes).every((names) => Array.isArray(names))
  );
}
