/*
 * Who was erased is no part of a snapshot: such a record is read and counted like any other, so that totals and
 * references still prove that the collection is whole, but nothing of it is published. An enrollment goes with the user
 * that it names, whoever had it before, and no relative's record names them any more.
 */
import { recordHash, type EntityType } from '#contracts';
import type { ErasedKeys } from '#ledger';
import type { LeftOut, Reference } from '#oneroster';

export class ErasedRecords {
  constructor(
    private readonly districtId: string,
    private readonly keys: ErasedKeys,
  ) {}

  /** `references`: of an enrollment, if it could be read. */
  has(type: EntityType, hash: Buffer, references: readonly Reference[] = []): boolean {
    if (this.keys.size === 0) return false;
    const users = type === 'enrollments' ? references.filter((to) => to.type === 'users') : [];
    if (users.length > 0) return users.some(({ gg4lId }) => this.names('users', gg4lId));
    return this.keys.has(`${type}/${hash.toString('hex')}`);
  }

  /** Undefined where nobody was erased. */
  get leftOut(): LeftOut | undefined {
    return this.keys.size === 0 ? undefined : (type, gg4lId) => this.names(type, gg4lId);
  }

  names(type: EntityType, gg4lId: string, references: readonly Reference[] = []): boolean {
    return this.has(type, recordHash(this.districtId, type, gg4lId), references);
  }
}
