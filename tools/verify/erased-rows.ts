/*
 * Whose rows are to say nothing: those of records on the list of the erased, and enrollments of users on it. A row that
 * says nothing does not say whose it is either; then the topic does.
 */
import { decodeChangeMessage, MalformedMessageError, recordHash, type EntityType } from '#contracts';
import type { StoredRow } from '../../apps/persister/src/roster-store/row-reader.js';
import type { Stores } from './stores.js';
import type { TopicFold } from './topic-fold.js';

const NOBODY: ReadonlySet<string> = new Set();
/** No fingerprint: what should say nothing says something. */
const NOT_EMPTY = '';

export class ErasedRows {
  #records = NOBODY;
  #users = NOBODY;

  constructor(private readonly stores: Pick<Stores, 'rows' | 'reader' | 'topics'>) {}

  /** Reads the list as it is now. */
  async look(type: EntityType): Promise<void> {
    this.#records = await this.stores.rows.suppressed(type);
    this.#users = type === 'enrollments' ? await this.stores.rows.suppressed('users') : NOBODY;
  }

  isListed(type: EntityType, districtId: string, gg4lId: string): boolean {
    return has(this.#records, districtId, type, gg4lId);
  }

  /** What is to be compared of a row's contents; null: nothing. `ofErased`: ids that are known to be of erased users. */
  computedOf(type: EntityType, row: StoredRow, ofErased: ReadonlySet<string> = NOBODY): string | null {
    const { districtId, gg4lId, user } = row;
    const isErased =
      ofErased.has(gg4lId) ||
      this.isListed(type, districtId, gg4lId) ||
      (user !== null && has(this.#users, districtId, 'users', user));
    if (!isErased) return row.computed;
    return row.isEmpty ? null : NOT_EMPTY;
  }

  /** Of rows of a district, the ids of empty ones that the topic tells to be enrollments of erased users. */
  async enrolled(fold: TopicFold, rows: readonly StoredRow[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const told = rows.flatMap(({ isEmpty, districtId, gg4lId }) => {
      const change = isEmpty ? fold.told(districtId, gg4lId) : null;
      return change === null ? [] : [change.offset];
    });
    if (this.#users.size === 0 || told.length === 0) return found;
    const offsets = new Set(told);
    const [first, last] = rangeOf(told);
    const topic = this.stores.topics.changes[fold.entityType];
    for await (const messages of this.stores.reader.read(topic, fold.partition, first, last + 1n)) {
      for (const { offset, value } of messages) {
        const enrollment = offsets.has(offset) && value !== null ? enrollmentIn(value) : null;
        if (enrollment === null || !has(this.#users, enrollment.districtId, 'users', enrollment.user))
          continue;
        found.add(enrollment.gg4lId);
      }
    }
    return found;
  }
}

function has(hashes: ReadonlySet<string>, districtId: string, type: EntityType, gg4lId: string): boolean {
  return hashes.size > 0 && hashes.has(recordHash(districtId, type, gg4lId).toString('hex'));
}

function rangeOf(offsets: readonly bigint[]): readonly [bigint, bigint] {
  const sorted = [...offsets].sort((a, b) => (a < b ? -1 : 1));
  return [sorted[0] ?? 0n, sorted.at(-1) ?? 0n];
}

function enrollmentIn(value: Buffer) {
  try {
    const message = decodeChangeMessage(value);
    if (message.kind !== 'change' || !('data' in message.event)) return null;
    const { subject: gg4lId, data } = message.event;
    const { user } = data as { readonly user?: unknown };
    return typeof user === 'string' ? { districtId: message.districtId, gg4lId, user } : null;
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
