/*
 * Whose rows are to say nothing: those of records on the list of the erased; of enrollments those of users on it, and
 * those on it that name no user. A row that says nothing does not say whose it is either; then the topic does.
 */
import { decodeChangeMessage, MalformedMessageError, recordHash, type EntityType } from '#contracts';
import type { StoredRow } from '../../apps/persister/src/roster-store/row-reader.js';
import { userNamed } from '../../apps/persister/src/roster-store/suppressions.js';
import type { Stores } from './stores.js';
import type { TopicFold } from './topic-fold.js';

/** With the generation up to which a record is forgotten. */
type Hashes = ReadonlyMap<string, number>;

const NOBODY: Hashes = new Map();
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

  /** Whether no row is made of what a topic tells of the record. */
  isForgotten(fold: TopicFold, districtId: string, gg4lId: string): boolean {
    if (this.#records.size === 0) return false;
    const forgottenTo = this.#records.get(recordHash(districtId, fold.entityType, gg4lId).toString('hex'));
    return forgottenTo !== undefined && (fold.told(districtId, gg4lId)?.generation ?? 0) <= forgottenTo;
  }

  /** What is to be compared of a row's contents; null: nothing. `named`: users by enrollment, as the topic tells them. */
  computedOf(type: EntityType, row: StoredRow, named?: ReadonlyMap<string, string>): string | null {
    const { districtId, gg4lId, isEmpty } = row;
    const user = row.user ?? named?.get(gg4lId) ?? null;
    const isOpen = type === 'enrollments' && isEmpty && named === undefined;
    const isErased =
      user === null
        ? !isOpen && has(this.#records, districtId, type, gg4lId)
        : has(this.#users, districtId, 'users', user);
    if (!isErased) return row.computed;
    return isEmpty ? null : NOT_EMPTY;
  }

  /** Of rows of a district, the users that empty enrollments are of, where the topic tells it. */
  async enrolled(fold: TopicFold, rows: readonly StoredRow[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
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
        if (enrollment !== null) found.set(enrollment.gg4lId, enrollment.user);
      }
    }
    return found;
  }
}

function has(hashes: Hashes, districtId: string, type: EntityType, gg4lId: string): boolean {
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
    const user = userNamed(message.entityType, data);
    return user === null ? null : { gg4lId, user };
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
