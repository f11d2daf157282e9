/* What the source shared in each generation, kept so that an archive is judged by its own, also when it is repeated later. */
import type { EntityType, RunKey } from '#contracts';
import type { Copies } from '../support/equality.js';

interface Truth {
  /** The generation that was completed with it; aborted ones before it read the same. */
  readonly upTo: number;
  readonly copies: Copies;
}

export class Truths {
  readonly #ofDistrict = new Map<string, Truth[]>();

  /** Generations rise from call to call. */
  note({ districtId, generation }: RunKey, copies: Copies): void {
    const truths = this.#ofDistrict.get(districtId) ?? [];
    this.#ofDistrict.set(districtId, [...truths, { upTo: generation, copies }]);
  }

  /** Whether the record was archived in the source; null of a generation behind which none was completed. */
  bearsOut({ districtId, generation }: RunKey, entityType: EntityType, gg4lId: string): boolean | null {
    const truth = this.#ofDistrict.get(districtId)?.find(({ upTo }) => generation <= upTo);
    if (truth === undefined) return null;
    return truth.copies[entityType]?.archived.includes(gg4lId) === true;
  }
}
