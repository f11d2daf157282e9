/*
 * Whose an enrollment is, as its topic tells it, whether it was ever written to a table or not: the last event in force
 * that has a record decides. An archive has none, so an archived enrollment stays with whom it last named. A topic is
 * read twice where it names the user at all, so that no more is held than the ids of theirs.
 */
import { changeKey, decodeChangeKey, decodeChangeMessage, MalformedMessageError } from '#contracts';
import type { FoldedMessage } from '../verify/topic-fold.js';
import type { Stores } from '../verify/stores.js';

export interface Enrollments {
  /** Ids of the user's enrollments. */
  readonly theirs: readonly string[];
  /** Ids of those that once named the user and do not now: somebody else's. */
  readonly others: readonly string[];
}

interface Last {
  generation: number;
  isTheirs: boolean;
}

const FENCE = Buffer.from('!fence/');
const BEFORE_ALL = -1;

export async function enrollmentsOf(
  { reader, topics, partitions }: Pick<Stores, 'reader' | 'topics' | 'partitions'>,
  districtId: string,
  userId: string,
): Promise<Enrollments> {
  const topic = topics.changes.enrollments;
  const quoted = Buffer.from(JSON.stringify(userId));
  const theirs: string[] = [];
  const others: string[] = [];
  for (const partition of partitions) {
    const { start, end } = await reader.ends(topic, partition);
    const named = new Map<string, Last>();
    for await (const messages of reader.read(topic, partition, start, end)) {
      for (const { value } of messages) {
        // Most are of others: a look at the bytes spares parsing them.
        const change = value?.includes(quoted) === true ? changeIn(value, districtId) : null;
        if (change?.user === userId) named.set(change.gg4lId, { generation: BEFORE_ALL, isTheirs: true });
      }
    }
    if (named.size === 0) continue;
    const fold = new EnrollmentFold(districtId, userId, named);
    for await (const messages of reader.read(topic, partition, start, end))
      messages.forEach((one) => fold.add(one));
    for (const [gg4lId, { isTheirs }] of named) (isTheirs ? theirs : others).push(gg4lId);
  }
  return { theirs, others };
}

class EnrollmentFold {
  readonly #keys: ReadonlySet<string>;
  #fence = 0;

  constructor(
    private readonly districtId: string,
    private readonly userId: string,
    private readonly named: ReadonlyMap<string, Last>,
  ) {
    this.#keys = new Set([...named.keys()].map((id) => changeKey(districtId, 'enrollments', id)));
  }

  add({ key, value }: FoldedMessage): void {
    if (key === null) return;
    const name = key.toString();
    if (value !== null && key.subarray(0, FENCE.length).equals(FENCE))
      this.#fence = Math.max(this.#fence, fenceIn(value));
    if (!this.#keys.has(name)) return;
    // Behind a tombstone there is none before; what the enrollment was is still to be forgotten.
    if (value === null) return this.#forget(decodeChangeKey(name)?.gg4lId ?? '');
    const change = changeIn(value, this.districtId);
    const last = change === null || change.epoch < this.#fence ? undefined : this.named.get(change.gg4lId);
    if (change === null || last === undefined || change.generation <= last.generation) return;
    last.generation = change.generation;
    if (change.hasRecord) last.isTheirs = change.user === this.userId;
  }

  #forget(gg4lId: string): void {
    const last = this.named.get(gg4lId);
    if (last !== undefined) last.generation = BEFORE_ALL;
  }
}

interface Change {
  readonly gg4lId: string;
  readonly generation: number;
  readonly epoch: number;
  readonly hasRecord: boolean;
  readonly user: unknown;
}

function changeIn(value: Buffer, ofDistrict: string): Change | null {
  const message = decode(value);
  if (message?.kind !== 'change' || message.districtId !== ofDistrict) return null;
  const { subject: gg4lId, generation, epoch } = message.event;
  const record = 'data' in message.event ? (message.event.data as { readonly user?: unknown }) : null;
  return { gg4lId, generation, epoch, hasRecord: record !== null, user: record?.user };
}

function fenceIn(value: Buffer): number {
  const message = decode(value);
  return message?.kind === 'fence' ? message.event.epoch : 0;
}

function decode(value: Buffer): ReturnType<typeof decodeChangeMessage> | null {
  try {
    return decodeChangeMessage(value);
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
