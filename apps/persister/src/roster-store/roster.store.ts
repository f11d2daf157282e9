import { Injectable } from '@nestjs/common';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import pg from 'pg';
import type { ArchiveRow, FoldedChanges, RecordRow } from '../persisting/fold-changes.js';
import { RefusedRowsError, type RosterStore } from '../persisting/ports.js';
import { RosterDatabase, type Statements } from './roster-database.js';
import { archiveStatement, recordStatement, type RowEnvelope } from './statements.js';

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [type, { records: recordStatement(type), archives: archiveStatement(type) }]),
) as Record<EntityType, { readonly records: string; readonly archives: string }>;

@Injectable()
export class PostgresRosterStore implements RosterStore {
  constructor(private readonly database: RosterDatabase) {}

  async write(entityType: EntityType, partition: number, changes: FoldedChanges): Promise<number> {
    const records = changes.records.map(toRecordJson);
    const archives = changes.archives.map(toArchiveJson);
    const { [entityType]: texts } = STATEMENTS;
    try {
      return await this.database.transaction(async (statements) => {
        const write = (kind: 'records' | 'archives', rows: readonly RowEnvelope[]): Promise<number> =>
          run(statements, `${entityType} ${kind}`, texts[kind], rows, partition);
        return (await write('records', records)) + (await write('archives', archives));
      });
    } catch (error) {
      throw isRefusal(error) ? refused(error) : error;
    }
  }
}

async function run(
  statements: Statements,
  name: string,
  text: string,
  rows: readonly RowEnvelope[],
  partition: number,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { rowCount } = await statements.query({ name, text, values: [JSON.stringify(rows), partition] });
  return rowCount ?? 0;
}

function toRecordJson(row: RecordRow): RowEnvelope {
  return { ...row.event.data, ...envelope(row), _modified: row.event.datelastmodified };
}

function toArchiveJson(row: ArchiveRow): RowEnvelope {
  return { ...envelope(row), _cause: row.event.cause };
}

function envelope({ districtId, offset, event, firstSeenAt }: RecordRow | ArchiveRow): RowEnvelope {
  return {
    _district: districtId,
    _id: event.subject,
    _generation: event.generation,
    _epoch: event.epoch,
    _offset: offset.toString(),
    _fingerprint: `\\x${event.fingerprint}`,
    _at: event.time,
    _first: firstSeenAt,
  };
}

/** Data exceptions (class 22) and what is too large for its place (class 54) stay so however often they are tried. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|54)...$/.test(error.code ?? '');
}

/** Names the code only: Postgres' own message quotes what it refuses. */
function refused({ code }: pg.DatabaseError): RefusedRowsError {
  return new RefusedRowsError(`Postgres cannot hold what the record says (SQLSTATE ${code})`);
}
