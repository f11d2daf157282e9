import type { TypePlan } from '#contracts';

const ZERO = '0000000000000000';

export function typePlan(changes: Partial<TypePlan>): TypePlan {
  return {
    ...{ active: 0, seen: 0, unchanged: 0, created: 0, updated: 0, restored: 0, refreshed: 0 },
    ...{ stale: 0, withdrawn: 0, quarantined: 0, staleBySchool: {}, staleIds: [] },
    xor: { created: ZERO, updated: ZERO, restored: ZERO, stale: ZERO },
    ...changes,
  };
}
