/*
 * What a partition of a change topic says of each id: its highest generation among events that no fence took out of
 * force. About 150 bytes an id. Reads on where it stopped.
 */
import { decodeChangeKey, decodeChangeMessage, MalformedMessageError, type EntityType } from '#contracts';

export interface Told {
  readonly generation: number;
  readonly active: boolean;
  /** Hex. */
  readonly fingerprint: string;
  readonly offset: bigint;
}

export interface FoldedMessage {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Fingerprint (16), generation (8), offset (8), status (1). */
const BYTES = 33;
const FIRST = 64;

export class TopicFold {
  /** Where to read on; set by whoever reads. */
  next = 0n;
  #fence = 0;
  #bytes = Buffer.allocUnsafe(FIRST * BYTES);
  #size = 0;
  readonly #districts = new Map<string, Map<string, number>>();

  constructor(
    readonly entityType: EntityType,
    readonly partition: number,
  ) {}

  /** The district and id that the message changes, if it is a change in force. */
  add({
    offset,
    key,
    value,
  }: FoldedMessage): { readonly districtId: string; readonly gg4lId: string } | null {
    this.next = offset + 1n;
    if (value === null) return this.#forget(key?.toString() ?? '');
    const message = decode(value);
    if (message === null || message.entityType !== this.entityType) return null;
    if (message.kind === 'fence') this.#fence = Math.max(this.#fence, message.event.epoch);
    if (message.kind !== 'change' || message.event.epoch < this.#fence) return null;
    const { districtId, verb, event } = message;
    const { subject: gg4lId, generation, fingerprint } = event;
    this.#keep(districtId, gg4lId, { generation, fingerprint, active: verb !== 'archived', offset });
    return { districtId, gg4lId };
  }

  districts(): readonly string[] {
    return [...this.#districts.keys()];
  }

  idsOf(districtId: string): Iterable<string> {
    return this.#districts.get(districtId)?.keys() ?? [];
  }

  told(districtId: string, gg4lId: string): Told | null {
    const row = this.#districts.get(districtId)?.get(gg4lId);
    if (row === undefined) return null;
    const at = row * BYTES;
    return {
      fingerprint: this.#bytes.toString('hex', at, at + 16),
      generation: Number(this.#bytes.readBigUInt64BE(at + 16)),
      offset: this.#bytes.readBigUInt64BE(at + 24),
      active: this.#bytes.readUInt8(at + 32) === 1,
    };
  }

  /** Of a key `district/type/gg4lId`. */
  #forget(key: string): { readonly districtId: string; readonly gg4lId: string } | null {
    const record = decodeChangeKey(key);
    if (record?.entityType !== this.entityType) return null;
    const { districtId, gg4lId } = record;
    this.#districts.get(districtId)?.delete(gg4lId);
    return { districtId, gg4lId };
  }

  #keep(districtId: string, gg4lId: string, { generation, fingerprint, active, offset }: Told): void {
    let ids = this.#districts.get(districtId);
    if (ids === undefined) this.#districts.set(districtId, (ids = new Map<string, number>()));
    const known = ids.get(gg4lId);
    if (known !== undefined && Number(this.#bytes.readBigUInt64BE(known * BYTES + 16)) >= generation) return;
    const row = known ?? this.#size++;
    if (known === undefined) ids.set(gg4lId, row);
    const at = row * BYTES;
    if (at + BYTES > this.#bytes.length) this.#grow();
    this.#bytes.write(fingerprint, at, 16, 'hex');
    this.#bytes.writeBigUInt64BE(BigInt(generation), at + 16);
    this.#bytes.writeBigUInt64BE(offset, at + 24);
    this.#bytes.writeUInt8(active ? 1 : 0, at + 32);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

function decode(value: Buffer): ReturnType<typeof decodeChangeMessage> | null {
  try {
    return decodeChangeMessage(value);
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
