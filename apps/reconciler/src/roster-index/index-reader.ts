/*
 * The index as it stands, for whoever compares it with something: reads only, without a script, a position of its own
 * or any of the reconciler's rights. What is read while a worker writes may be of two moments; look again before
 * believing a difference.
 */
import { createClient, RESP_TYPES } from 'redis';
import type { EntityType } from '#contracts';
import type { Digest, IndexEntry } from '../reconciliation/index-state.js';
import { decodeEntries } from './entry-codec.js';
import { IndexKeys } from './index-keys.js';
import type { Client } from './script-client.js';

export interface IndexedRecord {
  readonly gg4lId: string;
  readonly entry: IndexEntry;
}

/** Of one district and type in one partition, at one epoch. */
export interface IndexPlace {
  readonly partition: number;
  readonly epoch: number;
  readonly districtId: string;
  readonly entityType: EntityType;
}

const SCANNED = 1_000;

export class IndexReader {
  protected readonly client: Client;

  constructor(
    url: string,
    private readonly namespace: string,
  ) {
    const client: unknown = createClient({ url, disableOfflineQueue: true });
    this.client = client as Client;
    this.client.on('error', () => undefined); // the commands reject with the same
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  close(): void {
    this.client.destroy();
  }

  /** Null where the partition has no index. */
  async epoch(partition: number): Promise<number | null> {
    const epoch = await this.client.hGet(this.keys(partition).position, 'epoch');
    return epoch === null ? null : Number(epoch);
  }

  /** Where the partition's worker stands; null where the partition has no index. */
  async position(partition: number): Promise<{ readonly epoch: number; readonly next: bigint } | null> {
    const [epoch, next] = await this.client.hmGet(this.keys(partition).position, ['epoch', 'next']);
    return epoch == null || next == null ? null : { epoch: Number(epoch), next: BigInt(next) };
  }

  /** Districts of which the partition holds anything of this epoch. */
  async districts(partition: number, epoch: number): Promise<readonly string[]> {
    const { prefix } = this.keys(partition);
    const head = `${prefix}e${String(epoch)}:`;
    const found = new Set<string>();
    const MATCH = `${escapeGlob(head)}*:index`;
    for await (const keys of this.client.scanIterator({ MATCH, COUNT: SCANNED })) {
      for (const key of keys) found.add(key.slice(head.length).split(':')[0] ?? '');
    }
    return [...found].sort();
  }

  async digest({ partition, epoch, districtId, entityType }: IndexPlace): Promise<Digest> {
    const key = this.keys(partition).digest(epoch, districtId);
    const [active, xor] = await this.client.hmGet(key, [`${entityType}.active`, `${entityType}.xor`]);
    return { active: Number(active ?? 0), xor: xor ?? '0'.repeat(16) };
  }

  /** A record may come twice where the index grows meanwhile. */
  async *records({ partition, epoch, districtId, entityType }: IndexPlace): AsyncGenerator<IndexedRecord[]> {
    const key = this.keys(partition).index(epoch, districtId, entityType);
    const inBytes = this.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    for await (const entries of inBytes.hScanIterator(key, { COUNT: SCANNED })) {
      yield entries.map(({ field, value }) => toRecord(field.toString(), Buffer.from(value)));
    }
  }

  /** In the order of the ids; null where there is none. */
  async entries(place: IndexPlace, gg4lIds: readonly string[]): Promise<readonly (IndexEntry | null)[]> {
    if (gg4lIds.length === 0) return [];
    const { partition, epoch, districtId, entityType } = place;
    const key = this.keys(partition).index(epoch, districtId, entityType);
    const inBytes = this.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const values = await inBytes.hmGet(key, [...gg4lIds]);
    return values.map((value) => (value === null ? null : toRecord('', Buffer.from(value)).entry));
  }

  protected keys(partition: number): IndexKeys {
    return new IndexKeys(this.namespace, partition);
  }
}

function toRecord(gg4lId: string, value: Buffer): IndexedRecord {
  const [entry] = decodeEntries(value);
  if (entry === undefined || entry === null) throw new Error('an index entry is never missing here');
  return { gg4lId, entry };
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&');
}
