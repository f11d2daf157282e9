/*
 * What must hold at every step, whoever wrote what: no event of a generation that was not decided, no archive of what
 * its snapshot held or the source went on sharing, no content that was not read, one change per id and generation, told
 * in the same words each time, and watermarks that tell the truth. It looks at what is appended, never at what a
 * service believes.
 */
import {
  ENTITY_TYPES,
  watermarkTerm,
  XorSum,
  type Change,
  type EntityType,
  type PerType,
  type RawMessage,
  type Report,
  type TypePlan,
  type WatermarkFields,
} from '#contracts';
import type { Entry } from './partition-log.js';
import type { Published } from './published.js';
import { liesAbout, toldBy, type Told } from './told.js';

export class Violation extends Error {
  override readonly name = 'Violation';
}

interface Row extends Told {
  readonly generation: number;
  readonly isActive: boolean;
  readonly fingerprint: string;
  readonly verb: string;
}

/** What a right copy of one partition of a change topic holds. */
class Fold {
  epoch = 0;
  readonly rows = new Map<string, Row>();
}

interface ReadRecord {
  /** Of what was sent first. */
  readonly fingerprint: string;
  /** Of all that was sent. */
  readonly fingerprints: ReadonlySet<string>;
  readonly isPresent: boolean;
  /** What was known of it stays, archived or not. */
  readonly isQuarantined: boolean;
}
type Read = ReadonlyMap<string, ReadRecord>;

export interface Truth {
  /** The ledger has decided that this generation's records may be published (`apply`), or its stale ones (`sweep`). */
  isDecided(districtId: string, generation: number, what: 'apply' | 'sweep'): boolean;
  /** The source shared the record at every moment since the pull of this generation began. */
  wasSharedSincePull(change: Change): boolean;
}

export class Witness {
  readonly #read = new Map<string, Map<string, ReadRecord>>();
  readonly #folds = new Map<string, Fold>();
  /** Events were lost on their way into a change topic: a copy of it may be wrong until the next refresh. */
  isLossy = false;

  constructor(private readonly truth: Truth) {}

  raw({ message }: Entry<RawMessage>): void {
    if (message.kind !== 'records') return;
    const key = `${message.districtId}/${message.generation}/${message.entityType}`;
    let read = this.#read.get(key);
    if (read === undefined) this.#read.set(key, (read = new Map<string, ReadRecord>()));
    for (const { gg4lId, fingerprint, withdrawn, quarantined } of message.records) {
      const sent = fingerprint.toString('hex');
      const before = read.get(gg4lId);
      read.set(gg4lId, {
        fingerprint: before?.fingerprint ?? sent,
        fingerprints: new Set([...(before?.fingerprints ?? []), sent]),
        isPresent: quarantined || !withdrawn,
        isQuarantined: quarantined,
      });
    }
  }

  /** What was read of a district and type in a generation. */
  readOf(districtId: string, generation: number, type: EntityType): Read {
    return this.#read.get(`${districtId}/${generation}/${type}`) ?? new Map();
  }

  /** A plan counts every record that it saw once. */
  reported({ message }: Entry<Report>): void {
    if (message.kind !== 'planned') return;
    const { districtId, generation, partition } = message;
    const types: PerType<TypePlan> = message.types;
    for (const type of ENTITY_TYPES) {
      const counts = types[type];
      if (counts === undefined) continue;
      const { seen, unchanged, created, updated, restored, refreshed, quarantined } = counts;
      const counted = unchanged + created + updated + restored + refreshed + quarantined;
      if (counted !== seen)
        throw new Violation(
          `plan of ${type} of ${districtId} in ${generation}, partition ${partition}: ${counted} counted, ${seen} seen`,
        );
    }
  }

  published(type: EntityType, partition: number, { message }: Entry<Published>): void {
    const fold = this.#fold(type, partition);
    switch (message.kind) {
      case 'fence':
        fold.epoch = Math.max(fold.epoch, message.fields.epoch);
        return;
      case 'watermark':
        return this.#watermark(fold, message.fields);
      case 'change':
        return this.#change(fold, message.change);
    }
  }

  /** The rows a right consumer of the whole topic holds, by `district/id`. */
  rowsOf(type: EntityType, partition: number): ReadonlyMap<string, Row> {
    return this.#fold(type, partition).rows;
  }

  #change(fold: Fold, change: Change): void {
    const { districtId, entityType, gg4lId, verb, generation, epoch } = change;
    const isArchive = verb === 'archived';
    const name = `${verb} ${entityType} ${gg4lId} of ${districtId} in ${generation} (epoch ${epoch})`;
    if (!this.truth.isDecided(districtId, generation, isArchive ? 'sweep' : 'apply'))
      throw new Violation(`${name}: nobody had decided that`);
    const read = this.readOf(districtId, generation, entityType).get(gg4lId);
    const fingerprint = change.fingerprint.toString('hex');
    if (!isArchive && read?.fingerprints.has(fingerprint) !== true)
      throw new Violation(`${name}: its content was not in the snapshot`);
    if (epoch < fold.epoch) return;
    const isRepeat = change.cause === 'refresh' && read?.isQuarantined === true;
    if (isArchive && read?.isPresent === true && !isRepeat)
      throw new Violation(`${name}: the snapshot held it`);
    const id = `${districtId}/${gg4lId}`;
    const before = fold.rows.get(id);
    if (before !== undefined && before.generation > generation) return;
    const told = toldBy(before, change);
    const row: Row = { generation, isActive: !isArchive, fingerprint, verb, ...told };
    if (before?.generation === generation) {
      if (before.verb !== verb || before.fingerprint !== fingerprint)
        throw new Violation(`${name}: said before as ${before.verb}, with other content`);
      if (before.said !== told.said)
        throw new Violation(`${name}: it said ${told.said}, and before ${before.said}`);
      return;
    }
    if (change.cause !== 'refresh') this.#follows(name, before, change);
    const lie = this.isLossy ? null : liesAbout(before, change);
    if (lie !== null) throw new Violation(`${name}: ${lie}`);
    fold.rows.set(id, row);
  }

  #follows(name: string, before: Row | undefined, change: Change): void {
    if (this.isLossy) return;
    const state = before === undefined ? 'unknown' : before.isActive ? 'active' : 'archived';
    const needed = { created: 'unknown', updated: 'active', archived: 'active', restored: 'archived' }[
      change.verb
    ];
    if (state !== needed) throw new Violation(`${name}: it was ${state}`);
    if (change.verb === 'archived' && this.truth.wasSharedSincePull(change))
      throw new Violation(`${name}: the source shared it all the while`);
  }

  #watermark(fold: Fold, { districtId, entityType, generation, epoch, active, xor }: WatermarkFields): void {
    if (!this.truth.isDecided(districtId, generation, 'sweep'))
      throw new Violation(
        `watermark of ${entityType} of ${districtId} in ${generation}: nobody had decided that`,
      );
    if (epoch < fold.epoch || this.isLossy) return;
    const sum = new XorSum();
    for (const [id, row] of fold.rows) {
      if (!id.startsWith(`${districtId}/`)) continue;
      if (row.generation > generation) return;
      if (row.isActive) sum.add(termOf(id.slice(districtId.length + 1), row.fingerprint));
    }
    if (sum.count !== active || sum.hex !== xor) {
      const found = `${sum.count} active with ${sum.hex}`;
      throw new Violation(
        `watermark of ${entityType} of ${districtId} in ${generation} says ${active} with ${xor}: a right copy has ${found}`,
      );
    }
  }

  #fold(type: EntityType, partition: number): Fold {
    const key = `${type}/${partition}`;
    let fold = this.#folds.get(key);
    if (fold === undefined) this.#folds.set(key, (fold = new Fold()));
    return fold;
  }
}

const terms = new Map<string, Buffer>();

function termOf(gg4lId: string, fingerprint: string): Buffer {
  const key = `${gg4lId} ${fingerprint}`;
  let term = terms.get(key);
  if (term === undefined) {
    if (terms.size > 10_000) terms.clear();
    terms.set(key, (term = watermarkTerm(gg4lId, Buffer.from(fingerprint, 'hex'))));
  }
  return term;
}
