import { Injectable } from '@nestjs/common';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import {
  RefusedRowsError,
  type ArchiveRow,
  type FenceAt,
  type FoldedChanges,
  type OvertakenEvent,
  type RecordRow,
  type RosterStore,
  type RowsDigest,
  type Standing,
} from '#roster-consumer';
import pg from 'pg';
import { toArrayLiteral } from './array-literals.js';
import { HistoryMonths } from './history-months.js';
import { keepHistory } from './history-statements.js';
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
import { archiveStatement, recordStatement, type Statement } from './statements.js';
import { takeAway } from './take-away.js';
import { loadSuppressions, suppress, SUPPRESSIONS_LOCK } from './suppressions.js';

/** Begins a transaction that writes rows. */
const BY_THE_LIST = `select pg_advisory_xact_lock_shared(${SUPPRESSIONS_LOCK})`;

const NONE: ReadonlySet<bigint> = new Set();

interface TypeStatements {
  readonly records: Statement<RecordRow>;
  readonly archives: Statement<ArchiveRow>;
  readonly digest: string;
  readonly shadowed: string;
}

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    {
      records: recordStatement(type),
      archives: archiveStatement(type),
      digest: digestOf(type),
      shadowed: shadowedOf(type),
    },
  ]),
) as Readonly<Record<EntityType, TypeStatements>>;

@Injectable()
export class PostgresRosterStore implements RosterStore {
  private readonly months: HistoryMonths;
  /** Places whose last write found everything stored already. */
  private readonly repeats = new Set<string>();
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

  async write(
    entityType: EntityType,
    partition: number,
    changes: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number> {
    const place = `${entityType}/${partition}`;
    this.settled.delete(place);
    try {
      await this.months.addFor([...changes.records, ...changes.archives]);
      const { written, settled } = await this.database.transaction(async (statements) => {
        await keepFences(statements, entityType, partition, fences);
        await takeAway(statements, entityType, partition, changes.forgotten);
        const { due, settled } = this.repeats.has(place)
          ? await newerChanges(statements, entityType, changes)
          : { due: changes, settled: NONE };
        const count = await writeRows(statements, entityType, partition, due);
        const rows = count > 0 ? [...changes.records, ...changes.archives] : [];
        await keepHighest(statements, entityType, partition, [...fences, ...rows]);
        return { written: count, settled };
      }, BY_THE_LIST);
      this.settled.set(place, settled);
      if (written > 0) this.repeats.delete(place);
      else this.repeats.add(place);
      return written;
    } catch (error) {
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

async function writeRows(
  statements: Statements,
  entityType: EntityType,
  partition: number,
  changes: FoldedChanges,
): Promise<number> {
  if (changes.records.length + changes.archives.length === 0) return 0;
  const statement = STATEMENTS[entityType];
  const list = await loadSuppressions(statements, entityType);
  const { records, archives } = suppress(entityType, changes, list);
  const stored = await runStatement(statements, statement.records, records, partition);
  await keepHistory(statements, entityType, records, stored);
  const archived = await runStatement(statements, statement.archives, archives, partition);
  await keepHistory(statements, entityType, archives, archived);
  return stored + archived;
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

export async function runStatement<R>(
  statements: Statements,
  { name, text, parametersOf }: Statement<R>,
  rows: readonly R[],
  partition: number,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { rowCount } = await statements.query({ name, text, values: [...parametersOf(rows, partition)] });
  return rowCount ?? 0;
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
