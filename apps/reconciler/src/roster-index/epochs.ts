/*
 * How an epoch begins and ends in Redis: fresh keys are loaded beside the live ones and seen by nobody, one call sets
 * the position if they are what was folded, and keys of epochs given up are removed a few at a time, only while the
 * position shows that they are given up. A rebuild that did not come to its end leaves keys and no position: whoever
 * loads next removes them first, or many such would fill Redis until no rebuild can succeed. By then every change topic
 * holds the fence of the epoch that is loaded, so that those below it are given up.
 */
import type { EntityType } from '#contracts';
import type { Digest, IndexEntry, LoadedType, Position } from '../reconciliation/index-state.js';
import { encodeEntries } from './entry-codec.js';
import type { IndexKeys } from './index-keys.js';
import { evaluate, toOperands, type Client, type Operand } from './script-client.js';
import { FORGET } from './scripts/forget.script.js';
import { INSTALL } from './scripts/install.script.js';
import { LOAD } from './scripts/load.script.js';
import { RETIRE } from './scripts/retire.script.js';

export interface LoadOrder {
  readonly epoch: number;
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[];
  readonly first: boolean;
  readonly digest: Digest;
}

/** Keys looked at in one call of SCAN. */
const SCANNED = 2_000;
/** SCAN's cursor before the first call and after the last. */
const SEARCH_ENDS = '0';

export class Epochs {
  /** Where the search for dead keys goes on, by key prefix of the partition. */
  readonly #searches = new Map<string, { readonly epoch: number; readonly cursor: string }>();
  /** The epoch that room was made for last, by key prefix of the partition. */
  readonly #roomFor = new Map<string, number>();

  constructor(private readonly client: Client) {}

  async load(keys: IndexKeys, order: LoadOrder): Promise<void> {
    const { epoch, districtId, entityType, entries, first, digest } = order;
    if (this.#roomFor.get(keys.prefix) !== epoch) await this.#makeRoom(keys, epoch);
    const named = [
      keys.position,
      keys.index(epoch, districtId, entityType),
      keys.active(epoch, districtId, entityType),
      keys.digest(epoch, districtId),
    ];
    const operands: Operand[] = [String(epoch), first ? '1' : '0', entityType];
    operands.push(String(digest.active), digest.xor, encodeEntries(entries.map(({ entry }) => entry)));
    for (const { gg4lId } of entries) operands.push(gg4lId);
    await evaluate(this.client, LOAD, named, operands);
  }

  async install(keys: IndexKeys, position: Position, expected: readonly LoadedType[]): Promise<boolean> {
    const { epoch } = position;
    const named = [keys.position];
    const operands = [...toOperands(position), String(position.fencedAt), position.fencedBy];
    for (const { districtId, entityType, ids, digest } of expected) {
      named.push(keys.index(epoch, districtId, entityType), keys.active(epoch, districtId, entityType));
      named.push(keys.digest(epoch, districtId));
      operands.push(entityType, String(ids), String(digest.active), digest.xor);
    }
    return (await evaluate(this.client, INSTALL, named, operands)) === 1;
  }

  async retire(keys: IndexKeys, expected: Position): Promise<void> {
    await evaluate(this.client, RETIRE, [keys.position], toOperands(expected));
  }

  /** True until every key of the server was looked at once. */
  async forgetBelow(keys: IndexKeys, epoch: number): Promise<boolean> {
    const search = this.#searches.get(keys.prefix);
    const cursor = search?.epoch === epoch ? search.cursor : SEARCH_ENDS;
    const next = await this.#forgetSome(keys, epoch, cursor, 'placed');
    this.#searches.set(keys.prefix, { epoch, cursor: next });
    return next !== SEARCH_ENDS;
  }

  /** All at once: a full Redis takes nothing before. A million keys take some seconds, in calls of milliseconds. */
  async #makeRoom(keys: IndexKeys, epoch: number): Promise<void> {
    let cursor = SEARCH_ENDS;
    do {
      cursor = await this.#forgetSome(keys, epoch, cursor, 'placed or not');
    } while (cursor !== SEARCH_ENDS);
    this.#roomFor.set(keys.prefix, epoch);
  }

  /** `placed`: only while there is a position. Returns where the search goes on. */
  async #forgetSome(
    keys: IndexKeys,
    epoch: number,
    cursor: string,
    when: 'placed' | 'placed or not',
  ): Promise<string> {
    const found = await this.client.scan(cursor, { MATCH: `${keys.prefix}e*`, COUNT: SCANNED });
    const dead = found.keys.map(String).filter((key) => (keys.epochOf(key) ?? epoch) < epoch);
    const operands = [String(epoch), when === 'placed' ? '0' : '1'];
    if (dead.length > 0) await evaluate(this.client, FORGET, [keys.position, ...dead], operands);
    return String(found.cursor);
  }
}
