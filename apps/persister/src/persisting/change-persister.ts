/*
 * One step of the persister: store, then say what was passed; the caller commits the log's offset after that, and in
 * no other order. Whatever ends in the middle is delivered again and changes nothing twice, because a row is written
 * only by a higher generation. A row the store refuses is found by halving and becomes a dead letter; every other
 * error of the store leaves this step unchanged, and the same messages come again.
 */
import type { ChangeVerb, DeadLetterFields, EntityType, ReportOf } from '#contracts';
import { failpoint } from '#service';
import type { ChangeEntry, Entry } from './decode-entries.js';
import { foldChanges } from './fold-changes.js';
import { RefusedRowsError, type Outlet, type RosterStore } from './ports.js';

/** The partition of a change topic that the entries were read from. */
export interface Place {
  readonly topic: string;
  readonly entityType: EntityType;
  readonly partition: number;
}

export interface Applied {
  readonly events: Readonly<Record<ChangeVerb, number>>;
  /** Rows written; the other events were repeats, late, or followed by another of the same id. */
  readonly written: number;
  readonly deadLetters: number;
  readonly passed: readonly ReportOf<'passed'>[];
}

interface Stored {
  readonly written: number;
  readonly refused: readonly Unusable[];
}

interface Unusable {
  readonly offset: bigint;
  readonly reason: string;
  readonly value: Buffer;
}

export class ChangePersister {
  constructor(
    private readonly store: RosterStore,
    private readonly outlet: Outlet,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** `entries`: the next ones of the place, in log order, a few thousand at most. */
  async apply(place: Place, entries: readonly Entry[]): Promise<Applied> {
    const changes: ChangeEntry[] = [];
    const unusable: Unusable[] = [];
    const passed: ReportOf<'passed'>[] = [];
    for (const entry of entries) {
      switch (entry.kind) {
        case 'change':
          changes.push(entry);
          break;
        case 'watermark':
          passed.push(passedReport(place, entry));
          break;
        case 'fence': // honoured in the transaction of the rows, once partitions are rebuilt
        case 'tombstone': // the end of a retention; rows are never removed
          break;
        case 'malformed':
          unusable.push(entry);
          break;
      }
    }
    const { written, refused } = await this.write(place, changes);
    unusable.push(...refused);
    await this.announce(place, unusable, passed);
    return { events: countVerbs(changes), written, deadLetters: unusable.length, passed };
  }

  private async write(place: Place, changes: readonly ChangeEntry[]): Promise<Stored> {
    if (changes.length === 0) return { written: 0, refused: [] };
    failpoint('persister.before-store');
    const stored = await this.writeAround(place, changes);
    failpoint('persister.after-store');
    return stored;
  }

  /** In log order also when halved, so that a refused change never takes another of its id with it. */
  private async writeAround(place: Place, changes: readonly ChangeEntry[]): Promise<Stored> {
    try {
      const written = await this.store.write(place.entityType, place.partition, foldChanges(changes));
      return { written, refused: [] };
    } catch (error) {
      if (!(error instanceof RefusedRowsError)) throw error;
      const [only] = changes;
      if (only !== undefined && changes.length === 1) {
        return { written: 0, refused: [{ offset: only.offset, reason: error.message, value: only.value }] };
      }
      const middle = Math.ceil(changes.length / 2);
      const first = await this.writeAround(place, changes.slice(0, middle));
      const second = await this.writeAround(place, changes.slice(middle));
      return {
        written: first.written + second.written,
        refused: [...first.refused, ...second.refused],
      };
    }
  }

  private async announce(
    { topic, partition }: Place,
    unusable: readonly Unusable[],
    passed: readonly ReportOf<'passed'>[],
  ): Promise<void> {
    const at = this.now().toISOString();
    const letters = unusable.map(({ offset, reason, value }): DeadLetterFields => ({
      origin: { kind: 'message', topic, partition, offset: offset.toString() },
      service: 'persister',
      reason,
      contents: value,
      at,
    }));
    if (letters.length > 0) await this.outlet.deadLetter(letters);
    if (passed.length === 0) return;
    await this.outlet.report(passed);
    failpoint('persister.after-report');
  }
}

function passedReport(
  { entityType, partition }: Place,
  { districtId, event }: Extract<Entry, { kind: 'watermark' }>,
): ReportOf<'passed'> {
  const { generation, epoch } = event;
  return { kind: 'passed', districtId, generation, entityType, partition, epoch };
}

function countVerbs(changes: readonly ChangeEntry[]): Record<ChangeVerb, number> {
  const counts = { created: 0, updated: 0, archived: 0, restored: 0 };
  for (const { verb } of changes) counts[verb] += 1;
  return counts;
}
