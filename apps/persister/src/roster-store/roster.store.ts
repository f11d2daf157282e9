import { Injectable } from '@nestjs/common';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import pg from 'pg';
import type { ArchiveRow, FoldedChanges, RecordRow } from '../persisting/fold-changes.js';
import { RefusedRowsError, type RosterStore } from '../persisting/ports.js';
import { RosterDatabase, type Statements } from './roster-database.js';
import { archiveStatement, recordStatement, type Statement } from './statements.js';

interface TypeStatements {
  readonly records: Statement<RecordRow>;
  readonly archives: Statement<ArchiveRow>;
}

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [type, { records: recordStatement(type), archives: archiveStatement(type) }]),
) as Readonly<Record<EntityType, TypeStatements>>;

@Injectable()
export class PostgresRosterStore implements RosterStore {
  constructor(private readonly database: RosterDatabase) {}

  async write(entityType: EntityType, partition: number, changes: FoldedChanges): Promise<number> {
    const { [entityType]: statement } = STATEMENTS;
    try {
      return await this.database.transaction(async (statements) => {
        const records = await run(statements, statement.records, changes.records, partition);
        return records + (await run(statements, statement.archives, changes.archives, partition));
      });
    } catch (error) {
      throw isRefusal(error) ? refused(error) : error;
    }
  }
}

async function run<R>(
  statements: Statements,
  { name, text, parametersOf }: Statement<R>,
  rows: readonly R[],
  partition: number,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { rowCount } = await statements.query({ name, text, values: [...parametersOf(rows, partition)] });
  return rowCount ?? 0;
}

/** Data exceptions (class 22) and what is too large for its place (class 54) stay so however often they are tried. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)...$/.test(error.code ?? '');
}

/** Names the code only: Postgres' own message quotes what it refuses. */
function refused({ code }: pg.DatabaseError): RefusedRowsError {
  return new RefusedRowsError(`Postgres cannot hold what the record says (SQLSTATE ${code})`);
}
