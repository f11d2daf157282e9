import type { KafkaConnection } from './kafka-connection.client.js';

/** How many partitions each of these topics has; rejects, after a minute, if one is not there. */
export async function partitionCounts(
  connection: KafkaConnection,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const admin = connection.admin();
  await admin.connect();
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
    return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
  } finally {
    await admin.disconnect();
  }
}
