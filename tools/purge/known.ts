import { changeKey, partitionOf, recordHash, type EntityType } from '#contracts';
import { forgottenOf } from '../../apps/persister/src/roster-store/forgotten.js';
import type { Stores } from '../verify/stores.js';

/**
 * Whether anything was ever known of a record that was just forgotten: by its row, the index or an earlier erasure, which
 * all leave their generation on the list, or by its topic. An id that was mistyped is known to none of them.
 */
export async function wasKnown(
  stores: Pick<Stores, 'database' | 'reader' | 'topics' | 'partitions'>,
  districtId: string,
  type: EntityType,
  gg4lId: string,
): Promise<boolean> {
  const hash = recordHash(districtId, type, gg4lId);
  if ((await forgottenOf(stores.database, type, [hash])).size > 0) return true;
  const topic = stores.topics.changes[type];
  const partition = partitionOf(hash, stores.partitions.length);
  const own = Buffer.from(changeKey(districtId, type, gg4lId));
  const { start, end } = await stores.reader.ends(topic, partition);
  for await (const messages of stores.reader.read(topic, partition, start, end))
    if (messages.some(({ key, value }) => value !== null && key?.equals(own) === true)) return true;
  return false;
}
