import { IndexReader, type IndexPlace } from './index-reader.js';
import { evaluate, type Operand } from './script-client.js';
import { DROP_ARCHIVED } from './scripts/drop-archived.script.js';

export interface ArchivedRecord {
  readonly gg4lId: string;
  readonly generation: number;
}

/** The index for whoever removes what was archived long ago. A record that has changed since is left as it is. */
export class IndexPurge extends IndexReader {
  /** The records that the index does not hold any more, now or before. */
  async dropArchived<R extends ArchivedRecord>(
    place: IndexPlace,
    records: readonly R[],
  ): Promise<readonly R[]> {
    const { partition, epoch, districtId, entityType } = place;
    const keys = this.keys(partition);
    const operands: Operand[] = [String(epoch)];
    for (const { gg4lId, generation } of records) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(generation));
      operands.push(gg4lId, bytes);
    }
    const named = [keys.position, keys.index(epoch, districtId, entityType)];
    const marks = String(await evaluate(this.client, DROP_ARCHIVED, named, operands));
    return records.filter((_record, at) => marks[at] === '1');
  }
}
