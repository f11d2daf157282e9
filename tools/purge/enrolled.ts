import { decodeChangeMessage, MalformedMessageError } from '#contracts';
import type { Stores } from '../verify/stores.js';

/** Ids of a user's enrollments as the topic tells them, whether they were ever written to a table or not. */
export async function enrollmentsOf(
  { reader, topics, partitions }: Pick<Stores, 'reader' | 'topics' | 'partitions'>,
  districtId: string,
  userId: string,
): Promise<readonly string[]> {
  const topic = topics.changes.enrollments;
  const quoted = Buffer.from(JSON.stringify(userId));
  const found = new Set<string>();
  for (const partition of partitions) {
    const { start, end } = await reader.ends(topic, partition);
    for await (const messages of reader.read(topic, partition, start, end)) {
      for (const { value } of messages) {
        // Most are of others: a look at the bytes spares parsing them.
        const gg4lId = value?.includes(quoted) === true ? enrolled(value, districtId, userId) : null;
        if (gg4lId !== null) found.add(gg4lId);
      }
    }
  }
  return [...found];
}

function enrolled(value: Buffer, districtId: string, userId: string): string | null {
  try {
    const message = decodeChangeMessage(value);
    if (message.kind !== 'change' || message.districtId !== districtId) return null;
    const { event } = message;
    return 'data' in event && (event.data as { user?: unknown }).user === userId ? event.subject : null;
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
