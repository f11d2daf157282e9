import type { EntityType } from '#contracts';

/** The keys of one partition, all under one hash tag; those below the position carry the epoch. */
export class IndexKeys {
  readonly prefix: string;
  readonly position: string;

  constructor(namespace: string, partition: number) {
    this.prefix = `${namespace}:{${String(partition)}}:`;
    this.position = `${this.prefix}position`;
  }

  snapshot(epoch: number, districtId: string): string {
    return `${this.#district(epoch, districtId)}:snapshot`;
  }

  digest(epoch: number, districtId: string): string {
    return `${this.#district(epoch, districtId)}:digest`;
  }

  index(epoch: number, districtId: string, type: EntityType): string {
    return `${this.#district(epoch, districtId)}:${type}:index`;
  }

  active(epoch: number, districtId: string, type: EntityType): string {
    return `${this.#district(epoch, districtId)}:${type}:active`;
  }

  /** A set of ids that lives as long as the snapshot of this generation. */
  ofSnapshot(
    set: 'seen' | 'withdrawn' | 'stale',
    epoch: number,
    group: { readonly districtId: string; readonly entityType: EntityType; readonly generation: number },
  ): string {
    const { districtId, entityType, generation } = group;
    return `${this.#district(epoch, districtId)}:${entityType}:${set}:${String(generation)}`;
  }

  /** The epoch that a key of this partition carries; null if it carries none. */
  epochOf(key: string): number | null {
    const [, epoch] = key.startsWith(this.prefix)
      ? (/^e(\d+):/.exec(key.slice(this.prefix.length)) ?? [])
      : [];
    return epoch === undefined ? null : Number(epoch);
  }

  #district(epoch: number, districtId: string): string {
    return `${this.prefix}e${String(epoch)}:${districtId}`;
  }
}
