/*
 * School Passport in memory: a few records a type and district, a stamp that moves with every change, pages that are
 * read one by one while it may change between them. It remembers when each record was shared, so that an archive can be
 * held against the truth and not only against what was read.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { CollectionPart, DistrictSource } from '#school-passport';
import type { SingleAnswer, Source } from '../../../apps/fetcher/src/ports.js';
import type { Random } from './random.js';
import type { Actor, Scheduler } from './scheduler.js';

export interface SourceRecord {
  readonly sourcedId: string;
  readonly status: 'active' | 'tobedeleted';
  readonly name: string;
  readonly orgs?: readonly string[];
  readonly school?: string;
  /** Served in a form that breaks its type. */
  readonly isBroken?: true;
}

type Collection = Map<string, SourceRecord>;

const IDS_PER_TYPE = 7;
const SPARE_IDS = 2;
/** These types have records; the others stay empty, as in many districts. */
export const FILLED_TYPES: readonly EntityType[] = ['orgs', 'users', 'enrollments'];

/** Every id a type can ever have. */
export function idsOf(type: EntityType): readonly string[] {
  return Array.from({ length: IDS_PER_TYPE + SPARE_IDS }, (_, n) => `${type}-${n}`);
}

export class SourceDistrict {
  readonly collections = new Map<EntityType, Collection>(ENTITY_TYPES.map((type) => [type, new Map()]));
  stamp = 1;
  /** `type/id` → step at which it was last not shared. */
  readonly absentAt = new Map<string, number>();
  #version = 0;
  readonly #goneForGood = new Set<string>();
  /** Every pull breaks off as if all had been read, and no record is answered for alone. */
  isCut = false;

  constructor(
    readonly districtId: string,
    private readonly random: Random,
    private readonly now: () => number,
  ) {
    for (const type of FILLED_TYPES)
      for (let n = 0; n < IDS_PER_TYPE; n += 1) this.#put(type, `${type}-${n}`);
  }

  /** One random change: a record comes, goes, is withdrawn or edited. */
  change(): void {
    const type = this.random.pick(FILLED_TYPES);
    const id = this.random.pick(idsOf(type));
    if (this.#goneForGood.has(`${type}/${id}`)) return;
    const collection = this.of(type);
    this.stamp += 1;
    const was = collection.get(id);
    if (was === undefined || this.random.oneIn(2)) this.#put(type, id);
    else if (type !== 'orgs' && this.random.oneIn(4)) collection.set(id, { ...was, isBroken: true });
    else if (this.random.oneIn(3)) collection.set(id, { ...was, status: 'tobedeleted' });
    else collection.delete(id);
    this.#note(type, id);
  }

  /** A record goes and never comes back. */
  takeBack(type: EntityType, id: string): void {
    this.stamp += 1;
    this.#goneForGood.add(`${type}/${id}`);
    this.of(type).delete(id);
    this.#note(type, id);
  }

  withdraw(type: EntityType, id: string): void {
    const was = this.of(type).get(id);
    if (was !== undefined) this.of(type).set(id, { ...was, status: 'tobedeleted' });
    this.stamp += 1;
    this.#note(type, id);
  }

  share(type: EntityType, id: string): void {
    this.#put(type, id);
    this.stamp += 1;
  }

  /** Nothing is cut, or served in a broken form, any more. */
  heal(): void {
    this.isCut = false;
    for (const [type, collection] of this.collections)
      for (const [id, { isBroken }] of collection) if (isBroken === true) this.#put(type, id);
    this.stamp += 1;
  }

  /** All records of a type go, or all come back with it. */
  empty(type: EntityType): void {
    this.stamp += 1;
    const ids = [...this.of(type).keys()];
    this.of(type).clear();
    for (const id of ids) this.#note(type, id);
  }

  of(type: EntityType): Collection {
    const collection = this.collections.get(type);
    if (collection === undefined) throw new RangeError(`no collection ${type}`);
    return collection;
  }

  /** Was shared, and not withdrawn, at every moment since this step. */
  wasSharedSince(type: EntityType, id: string, step: number): boolean {
    const record = this.of(type).get(id);
    if (record?.status !== 'active') return false;
    return (this.absentAt.get(`${type}/${id}`) ?? -1) < step;
  }

  #put(type: EntityType, id: string): void {
    this.#version += 1;
    const name = `v${this.#version}`;
    const school = `orgs-${this.random.below(IDS_PER_TYPE)}`;
    const before = this.of(type).get(id);
    if (before?.status !== 'active') this.absentAt.set(`${type}/${id}`, this.now());
    this.of(type).set(id, recordOf(type, id, name, school));
  }

  #note(type: EntityType, id: string): void {
    if (this.of(type).get(id)?.status !== 'active') this.absentAt.set(`${type}/${id}`, this.now());
  }
}

function recordOf(type: EntityType, sourcedId: string, name: string, school: string): SourceRecord {
  if (type === 'users') return { sourcedId, status: 'active', name, orgs: [school] };
  if (type === 'enrollments') return { sourcedId, status: 'active', name, school };
  return { sourcedId, status: 'active', name };
}

const PAGE = 4;

/** The fetcher's way to the source; every page is a step. */
export class SimulatedSource implements Source {
  constructor(
    private readonly districts: ReadonlyMap<string, SourceDistrict>,
    private readonly scheduler: Scheduler,
    private readonly actor: Actor,
    private readonly random: Random,
    private readonly mayFail: () => boolean,
  ) {}

  async find(districtId: string): Promise<DistrictSource | null> {
    await this.scheduler.step(this.actor);
    const district = this.districts.get(districtId);
    if (district === undefined) return null;
    const url = 'https://source.example.org';
    return {
      kind: 'server',
      districtId,
      name: districtId,
      version: '1.1',
      oneRosterUrl: url,
      pageLimit: null,
      auth: { kind: 'bearer', token: '' },
      allowHttp: false,
      expiresAt: null,
      readyStamp: String(district.stamp),
    };
  }

  async *pages({ districtId }: DistrictSource, type: EntityType): AsyncGenerator<CollectionPart> {
    const district = this.districts.get(districtId);
    if (district === undefined) throw new RangeError('no such district');
    await this.scheduler.step(this.actor);
    const collection = district.of(type);
    const isCut = (this.mayFail() && this.random.oneIn(60)) || district.isCut;
    let offset = 0;
    for (;;) {
      const rows = [...collection.values()].slice(offset, offset + PAGE);
      const total = collection.size;
      if (rows.length === 0 || (isCut && offset >= PAGE)) {
        const boundaries = { matched: 0, mismatched: 0, unchecked: 0 };
        yield { kind: 'end', total, offset, boundaries };
        return;
      }
      yield { kind: 'page', rows: rows.map((row) => this.#asServed(type, row)), total, offset };
      offset += rows.length;
      await this.scheduler.step(this.actor);
    }
  }

  async readOne({ districtId }: DistrictSource, type: EntityType, gg4lId: string): Promise<SingleAnswer> {
    await this.scheduler.step(this.actor);
    const district = this.districts.get(districtId);
    const isSilent = (this.mayFail() && this.random.oneIn(40)) || district?.isCut === true;
    if (isSilent) return { kind: 'silent', why: 'status 405' };
    const row = district?.of(type).get(gg4lId);
    return row === undefined ? { kind: 'gone' } : { kind: 'record', row: this.#asServed(type, row) };
  }

  #asServed(type: EntityType, row: SourceRecord): unknown {
    const { sourcedId, status, name, school, orgs, isBroken } = row;
    if (isBroken === true) return { sourcedId, status, name, role: { broken: true }, orgs: { broken: true } };
    if (type === 'orgs') return { sourcedId, status, name, type: 'school' };
    if (orgs !== undefined) return { sourcedId, status, name, role: 'student', orgs: orgs.map(toOrg) };
    if (school !== undefined) return { sourcedId, status, name, role: 'student', school: toOrg(school) };
    return { sourcedId, status, name };
  }
}

const toOrg = (sourcedId: string) => ({ sourcedId, type: 'org' });
