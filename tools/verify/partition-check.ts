import { partitionCounts, type KafkaConnection } from '#kafka';
import { ConfigError } from '#service';

/**
 * Where a record lies follows from the number of partitions: who believes another one than the topics have looks for
 * half of all records where they are not. Throws ConfigError.
 */
export async function checkPartitions(
  connection: KafkaConnection,
  topics: readonly string[],
  expected: number,
): Promise<void> {
  const counts = await partitionCounts(connection, topics);
  for (const topic of topics) {
    const found = counts.get(topic);
    if (found === expected) continue;
    const has = found === 1 ? '1 partition' : `${String(found)} partitions`;
    throw new ConfigError([
      `ROLLCALL_PARTITIONS is ${expected}, but topic ${topic} has ${has}: set it as the services have it`,
    ]);
  }
}
