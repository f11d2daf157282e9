/*
 * The index of GG4L IDs in Redis. Every write is one Lua call that changes nothing unless the partition's position is
 * what was read (and every condition holds): Kafka does not stop a worker that lost its partition, this does. All keys
 * below the position carry its epoch, so that nothing of an epoch given up is ever read. Errors of Redis are thrown
 * unchanged; a call whose answer was lost may have been carried out, and the next read shows it.
 */
import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import type { EntityType } from '#contracts';
import type {
  ArchiveChunk,
  Digest,
  DistrictWrites,
  IdGroup,
  IndexEntry,
  IndexView,
  LoadedType,
  MarkCounts,
  Position,
  StaleRecord,
} from '../reconciliation/index-state.js';
import { LostMarksError } from '../reconciliation/lost-marks.error.js';
import type { RosterIndex } from '../reconciliation/ports.js';
import { encodeEntries } from './entry-codec.js';
import { Epochs } from './epochs.js';
import { IndexKeys } from './index-keys.js';
import { type ReadReply, type RecordsReply, toIndexView, toRecords } from './index-replies.js';
import { requireDurableRedis } from './redis-settings.js';
import { evaluate, toOperands, type Client } from './script-client.js';
import { ARCHIVE } from './scripts/archive.script.js';
import { READ } from './scripts/read.script.js';
import { RECORDS } from './scripts/records.script.js';
import { WRITE } from './scripts/write.script.js';
import { toOrders } from './write-orders.js';

type Group = Omit<IdGroup, 'gg4lIds'>;

const UNSEEN_CHUNK = 2_000;
const UNSEEN_KEPT_MS = 3_600_000;
const FIRST_CONNECTION_RETRIES = 20;

export class RedisRosterIndex implements RosterIndex {
  readonly #client: Client;
  readonly #namespace: string;
  readonly #epochs: Epochs;

  constructor(client: Client | string, namespace: string) {
    this.#client = typeof client === 'string' ? openClient(client) : client;
    this.#namespace = namespace;
    this.#epochs = new Epochs(this.#client);
  }

  /** Throws `UnfitRedisError` if the server could lose parts of the index. */
  async connect(): Promise<void> {
    if (!this.#client.isOpen) await this.#client.connect();
    await requireDurableRedis(this.#client);
  }

  async ping(): Promise<void> {
    await this.#client.ping();
  }

  async close(): Promise<void> {
    if (this.#client.isReady) await this.#client.close();
    else if (this.#client.isOpen) this.#client.destroy();
  }

  async read(
    partition: number,
    districtIds: readonly string[],
    groups: readonly IdGroup[],
  ): Promise<IndexView> {
    const keys = this.#keys(partition);
    const operands = [keys.prefix, String(districtIds.length), ...districtIds, String(groups.length)];
    for (const { districtId, entityType, generation, gg4lIds } of groups) {
      operands.push(districtId, entityType, String(generation), String(gg4lIds.length));
      for (const gg4lId of gg4lIds) operands.push(gg4lId);
    }
    const reply = (await evaluate(this.#client, READ, [keys.position], operands)) as ReadReply;
    return toIndexView(reply, districtIds);
  }

  async write(
    partition: number,
    expected: Position,
    next: Position,
    districts: readonly DistrictWrites[],
  ): Promise<boolean> {
    if (next.epoch !== expected.epoch)
      throw new RangeError('A write stays in its epoch; install() begins one.');
    const keys = this.#keys(partition);
    const operands = toOrders(keys, expected.epoch, districts);
    const positions = [...toOperands(expected), ...toOperands(next)];
    return (await evaluate(this.#client, WRITE, [keys.position], positions.concat(operands))) === 1;
  }

  async *unseen(
    partition: number,
    epoch: number,
    group: Group,
    marked: MarkCounts,
  ): AsyncGenerator<StaleRecord[]> {
    const keys = this.#keys(partition);
    const active = keys.active(epoch, group.districtId, group.entityType);
    const seen = keys.ofSnapshot('seen', epoch, group);
    const rest = `${active}:unseen:${randomUUID()}`;
    try {
      const [, , ...counts] = await this.#client
        .multi()
        .sDiffStore(rest, [active, seen])
        .pExpire(rest, UNSEEN_KEPT_MS)
        .sCard(seen)
        .sCard(keys.ofSnapshot('withdrawn', epoch, group))
        .exec();
      if (Number(counts[0]) !== marked.seen || Number(counts[1]) !== marked.withdrawn)
        throw new LostMarksError();
      for (;;) {
        const records = await this.#records('SPOP', rest, UNSEEN_CHUNK, keys, epoch, group);
        if (records.length === 0) return;
        yield records;
      }
    } finally {
      await this.#client.unlink(rest);
    }
  }

  async stale(partition: number, epoch: number, group: Group, limit: number): Promise<StaleRecord[]> {
    const keys = this.#keys(partition);
    return this.#records('SRANDMEMBER', keys.ofSnapshot('stale', epoch, group), limit, keys, epoch, group);
  }

  async archive(partition: number, expected: Position, chunk: ArchiveChunk): Promise<number | null> {
    const keys = this.#keys(partition);
    const { districtId, entityType, records } = chunk;
    const { epoch } = expected;
    const named = [
      keys.position,
      keys.ofSnapshot('stale', epoch, chunk),
      keys.index(epoch, districtId, entityType),
      keys.active(epoch, districtId, entityType),
      keys.digest(epoch, districtId),
      keys.snapshot(epoch, districtId),
    ];
    const operands = [...toOperands(expected), entityType, encodeEntries(records.map(({ entry }) => entry))];
    operands.push(Buffer.concat(records.map(({ term }) => term)));
    for (const { gg4lId } of records) operands.push(gg4lId);
    const count = (await evaluate(this.#client, ARCHIVE, named, operands)) as number;
    return count < 0 ? null : count;
  }

  load(
    partition: number,
    epoch: number,
    districtId: string,
    entityType: EntityType,
    entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[],
    options: { readonly first: boolean; readonly digest: Digest },
  ): Promise<void> {
    return this.#epochs.load(this.#keys(partition), { epoch, districtId, entityType, entries, ...options });
  }

  install(partition: number, position: Position, expected: readonly LoadedType[]): Promise<boolean> {
    return this.#epochs.install(this.#keys(partition), position, expected);
  }

  retire(partition: number, expected: Position): Promise<void> {
    return this.#epochs.retire(this.#keys(partition), expected);
  }

  forgetEpochs(partition: number, epoch: number): Promise<boolean> {
    return this.#epochs.forgetBelow(this.#keys(partition), epoch);
  }

  async #records(
    command: 'SPOP' | 'SRANDMEMBER',
    source: string,
    count: number,
    keys: IndexKeys,
    epoch: number,
    group: Group,
  ): Promise<StaleRecord[]> {
    const index = keys.index(epoch, group.districtId, group.entityType);
    const named = [source, index, keys.ofSnapshot('withdrawn', epoch, group)];
    const reply = (await evaluate(this.#client, RECORDS, named, [command, String(count)])) as RecordsReply;
    return toRecords(reply);
  }

  #keys(partition: number): IndexKeys {
    return new IndexKeys(this.#namespace, partition);
  }
}

/** A lost connection is made again by the client, and calls made meanwhile fail: who called decides. */
function openClient(url: string): Client {
  let connected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      reconnectStrategy: (retries, cause) =>
        !connected && retries >= FIRST_CONNECTION_RETRIES ? cause : Math.min(50 * (retries + 1), 500),
    },
  });
  client.on('ready', () => (connected = true));
  client.on('error', () => undefined);
  return client as Client;
}
