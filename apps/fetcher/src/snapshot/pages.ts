/*
 * One collection, from its first page to its confirmed end: each row is read, met in the id set, and sent once per
 * generation and type to the partition its hash names. The set lives as long as the collection; nothing else grows
 * with it, but for the 4 bytes per id that references are checked against.
 */
import { partitionOf, recordHash, type DeadLetterFields, type EntityType, type RunKey } from '#contracts';
import {
  allowedOf,
  readRecord,
  rowText,
  type Allowed,
  type AllowList,
  type LeftOut,
  type Reference,
  type RecordReading,
} from '#oneroster';
import type { CollectionPart } from '#school-passport';
import { isPlainInPath } from '../confirming/verdict.js';
import { IdSet } from '../packing/id-set.js';
import type { Outbox } from '../packing/outbox.js';
import { contentOf, RecordPacker, toRawRecord, TOO_LARGE } from '../packing/record-packer.js';
import type { ReferenceTargets } from '../packing/reference-targets.js';
import { CollectionTally, type CollectionFacts } from './collection-facts.js';
import type { SentIds } from './end.js';
import type { ErasedRecords } from './erased-records.js';
import type { RecordNotes } from './record-notes.js';
import { isDoubtful, lookAgain } from './second-look.js';
import type { Clock, RawLog } from '../ports.js';

/** What the collections of one snapshot share. */
export interface SnapshotScope {
  readonly run: RunKey;
  readonly partitions: number;
  readonly log: RawLog;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly sent: SentIds;
  readonly targets: ReferenceTargets;
  readonly notGranted: Set<EntityType>;
  readonly allow: AllowList | null;
  readonly erased: ErasedRecords;
  readonly notes: RecordNotes;
  readonly onPage: (type: EntityType, rows: number) => void;
  /** The source tells when its data became ready. */
  readonly isStamped: boolean;
}

const SERVICE = 'fetcher';

export async function readCollection(
  scope: SnapshotScope,
  type: EntityType,
  /** From its first page, each time it is called. */
  partsOf: () => AsyncIterable<CollectionPart>,
): Promise<CollectionFacts> {
  const reader = new CollectionReader(scope, type);
  for await (const part of partsOf()) {
    switch (part.kind) {
      case 'page':
        reader.tally.page(part.total);
        reader.take(part.rows);
        scope.onPage(type, reader.tally.rows);
        await scope.outbox.room();
        break;
      case 'end':
        reader.tally.end(part);
        break;
      case 'not-granted':
        scope.notGranted.add(type);
        return reader.tally.notGranted();
    }
  }
  const facts = reader.finish();
  if (!isDoubtful(facts, scope.isStamped)) return facts;
  const { districtId } = scope.run;
  const onPage = (): void => scope.onPage(type, reader.tally.rows);
  return { ...facts, secondLook: await lookAgain({ districtId, type }, partsOf(), reader.ids, onPage) };
}

class CollectionReader {
  readonly tally = new CollectionTally();
  readonly ids = new IdSet();
  private readonly packer: RecordPacker;
  private readonly allowed: Allowed | undefined;
  private readonly leftOut: LeftOut | undefined;

  constructor(
    private readonly scope: SnapshotScope,
    private readonly type: EntityType,
  ) {
    this.allowed = allowedOf(scope.allow, type);
    this.leftOut = scope.erased.leftOut;
    this.packer = new RecordPacker(scope.run, type, scope.partitions, (packed) => scope.outbox.put(packed));
  }

  take(rows: readonly unknown[]): void {
    const letters: DeadLetterFields[] = [];
    for (const row of rows) {
      const unreadable = this.takeRow(row);
      if (unreadable !== undefined) letters.push(this.toLetter(row, unreadable));
      this.tally.rows += 1;
    }
    if (letters.length === 0) return;
    const bytes = letters.reduce((sum, { contents }) => sum + contents.length, 0);
    this.scope.outbox.track(() => this.scope.log.deadLetters(letters), bytes);
  }

  finish(): CollectionFacts {
    this.packer.flush();
    return this.tally.facts();
  }

  /** Gives the reason if the row could not be read. */
  private takeRow(row: unknown): string | undefined {
    const { type, tally, scope } = this;
    const reading = readRecord(type, row, this.allowed, this.leftOut);
    if (reading.kind === 'unreadable') {
      tally.unreadable += 1;
      return reading.reason;
    }
    const record = toRawRecord(reading);
    const hash = recordHash(scope.run.districtId, type, record.gg4lId);
    const met = this.ids.meet(hash, contentOf(record));
    if (met !== 'first') {
      tally.repeat(met);
      return undefined;
    }
    tally.distinct += 1;
    if (type !== 'enrollments' && type !== 'demographics') scope.targets.add(type, record.gg4lId);
    const references = reading.kind === 'record' ? reading.references : [];
    if (scope.erased.has(type, hash, references)) {
      tally.erased += 1;
      return undefined;
    }
    if (record.quarantined) tally.quarantined += 1;
    this.note(reading, record.quarantined);
    const partition = partitionOf(hash, scope.partitions);
    scope.sent.add(partition, type, hash);
    this.packer.add(partition, record);
    if (reading.kind !== 'record' || reading.withdrawn) return undefined;
    if (tally.known === null && isPlainInPath(record.gg4lId)) tally.known = record.gg4lId;
    this.checkReferences(references);
    return undefined;
  }

  private note(reading: Exclude<RecordReading, { kind: 'unreadable' }>, isQuarantined: boolean): void {
    const { type, scope } = this;
    if (reading.kind === 'record' && !isQuarantined) return scope.notes.read(type, reading);
    const { attribute, reason } = reading.kind === 'quarantined' ? reading : TOO_LARGE;
    scope.notes.quarantined(type, { gg4lId: reading.gg4lId, attribute, reason });
  }

  private checkReferences(references: readonly Reference[]): void {
    const { notGranted, targets } = this.scope;
    let checked = false;
    let outside = false;
    for (const { type, gg4lId } of references) {
      if (notGranted.has(type)) continue;
      checked = true;
      if (!targets.has(type, gg4lId)) outside = true;
    }
    if (checked) this.tally.checked += 1;
    if (outside) this.tally.outside += 1;
  }

  private toLetter(row: unknown, reason: string): DeadLetterFields {
    const { districtId, generation } = this.scope.run;
    return {
      origin: { kind: 'row', districtId, generation, entityType: this.type, row: this.tally.rows },
      service: SERVICE,
      reason,
      contents: Buffer.from(rowText(row)),
      at: this.scope.clock.timestamp(),
    };
  }
}
