import { Injectable } from '@nestjs/common';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import {
  RefusedRowsError,
  type FenceAt,
  type FoldedChanges,
  type OvertakenEvent,
  type RosterStore,
  type RowsDigest,
  type Standing,
} from '#roster-consumer';
import { failpoint } from '#service';
import pg from 'pg';
import { toArrayLiteral } from './array-literals.js';
import { HistoryMonths } from './history-months.js';
import { newerChanges } from './newer-changes.js';
import {
  digestOf,
  FENCES_OF,
  HIGHEST_OFFSET,
  KEEP_FENCES,
  KEEP_HIGHEST_OFFSET,
  shadowedOf,
} from './place-statements.js';
import { RosterDatabase, type Statements } from './roster-database.js';
import { takeAway } from './take-away.js';
import { BY_THE_LIST } from './suppressions.js';
import { writeRows } from './write-rows.js';

const NONE: ReadonlySet<bigint> = new Set();

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [type, { digest: digestOf(type), shadowed: shadowedOf(type) }]),
) as Readonly<Record<EntityType, Readonly<Record<'digest' | 'shadowed', string>>>>;

/** One call of write(). */
interface Writing {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly changes: FoldedChanges;
  readonly fences: readonly FenceAt[];
  /** Nothing is taken for new. */
  readonly isCareful: boolean;
}

interface Written {
  readonly written: number;
  readonly settled: ReadonlySet<bigint>;
}

@Injectable()
export class PostgresRosterStore implements RosterStore {
  private readonly months: HistoryMonths;
  /** Places whose history knows more than their rows: nothing that is written there is taken for new. */
  private readonly careful = new Set<string>();
  /** By place, offsets of its last write that are known to be no shadows. */
  private readonly settled = new Map<string, ReadonlySet<bigint>>();

  constructor(private readonly database: RosterDatabase) {
    this.months = new HistoryMonths(database);
  }

  async standing(entityType: EntityType, partition: number): Promise<Standing> {
    const place = [entityType, partition];
    const fences = await this.database.read<{ epoch: number; log_offset: string }>(FENCES_OF, place);
    const [highest] = await this.database.read<{ log_offset: string }>(HIGHEST_OFFSET, place);
    return {
      fences: fences.map(({ epoch, log_offset }) => ({ epoch, offset: BigInt(log_offset) })),
      highestOffset: highest === undefined ? null : BigInt(highest.log_offset),
    };
  }

  write(
    entityType: EntityType,
    partition: number,
    changes: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number> {
    const isCareful = this.careful.has(`${entityType}/${partition}`);
    return this.attempt({ entityType, partition, changes, fences, isCareful });
  }

  private async attempt(what: Writing): Promise<number> {
    const { entityType, partition, changes, isCareful } = what;
    const place = `${entityType}/${partition}`;
    this.settled.delete(place);
    try {
      await this.months.addFor([...changes.records, ...changes.archives]);
      const { written, settled } = await this.database.transaction(
        (statements) => writeAll(statements, what),
        BY_THE_LIST,
      );
      this.settled.set(place, settled);
      return written;
    } catch (error) {
      if (isTaken(error) && !isCareful) {
        if (isOfHistory(error)) this.careful.add(place);
        return this.attempt({ ...what, isCareful: true });
      }
      if (isOutsidePartitions(error)) this.months.forget();
      throw isRefusal(error) ? refused(error) : error;
    }
  }

  async shadowed(
    entityType: EntityType,
    events: readonly OvertakenEvent[],
    partition: number,
  ): Promise<readonly string[]> {
    const settled = this.settled.get(`${entityType}/${partition}`) ?? NONE;
    const open = events.filter(({ offset, fenced }) => fenced || !settled.has(offset));
    if (open.length === 0) return [];
    const statement = {
      name: `shadows of ${entityType}`,
      text: STATEMENTS[entityType].shadowed,
      values: [
        toArrayLiteral(open.map(({ districtId }) => districtId)),
        toArrayLiteral(open.map(({ gg4lId }) => gg4lId)),
        toArrayLiteral(open.map(({ offset }) => offset.toString())),
        toArrayLiteral(open.map(({ generation }) => String(generation))),
        toArrayLiteral(open.map(({ fenced }) => String(fenced))),
      ],
    };
    return this.database.transaction(async (statements) => {
      const { rows } = await statements.query<{ district_id: string }>(statement);
      return rows.map(({ district_id }) => district_id);
    });
  }

  async digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest> {
    const { digest } = STATEMENTS[entityType];
    const [found] = await this.database.read<Record<'active' | 'xor' | 'highest_generation', string>>(
      digest,
      [districtId, partition],
    );
    if (found === undefined) throw new Error('an aggregate has always one row');
    const { active, xor, highest_generation } = found;
    return { active: Number(active), xor, highestGeneration: Number(highest_generation) };
  }
}

async function writeAll(
  statements: Statements,
  { entityType, partition, changes, fences, isCareful }: Writing,
): Promise<Written> {
  await keepFences(statements, entityType, partition, fences);
  await takeAway(statements, entityType, partition, changes.forgotten);
  const { due, absent, settled } = await newerChanges(statements, entityType, changes);
  const written = await writeRows(statements, entityType, partition, due, isCareful ? null : absent);
  const rows = written > 0 ? [...changes.records, ...changes.archives] : [];
  await keepHighest(statements, entityType, partition, [...fences, ...rows]);
  failpoint('persister.before-rows-commit');
  return { written, settled };
}

async function keepFences(
  statements: Statements,
  entityType: EntityType,
  partition: number,
  fences: readonly FenceAt[],
): Promise<void> {
  if (fences.length === 0) return;
  const first = new Map<number, bigint>();
  for (const { epoch, offset } of fences) {
    const before = first.get(epoch);
    if (before === undefined || offset < before) first.set(epoch, offset);
  }
  const sorted = [...first].sort(([a], [b]) => a - b);
  const epochs = sorted.map(([epoch]) => epoch);
  const offsets = sorted.map(([, offset]) => offset.toString());
  await statements.query(KEEP_FENCES, [entityType, partition, epochs, offsets]);
}

async function keepHighest(
  statements: Statements,
  entityType: EntityType,
  partition: number,
  sources: readonly { readonly offset: bigint }[],
): Promise<void> {
  const highest = sources.reduce((most, { offset }) => (offset > most ? offset : most), -1n);
  if (highest < 0n) return;
  await statements.query(KEEP_HIGHEST_OFFSET, [entityType, partition, highest.toString()]);
}

/** Unique violation: another transaction was faster, or the history knows more than the rows. */
function isTaken(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === '23505';
}

function isOfHistory({ table }: pg.DatabaseError): boolean {
  return table?.startsWith('history') === true;
}

/** No partition for a row of the history: its month was removed while it was known here. */
function isOutsidePartitions(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23514';
}

/** Data exceptions (class 22) and what is too large for its place (class 54) stay so however often they are tried. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)...$/.test(error.code ?? '');
}

/** Names the code only: Postgres' own message quotes what it refuses. */
function refused({ code }: pg.DatabaseError): RefusedRowsError {
  return new RefusedRowsError(`Postgres cannot hold what the record says (SQLSTATE ${code})`);
}
