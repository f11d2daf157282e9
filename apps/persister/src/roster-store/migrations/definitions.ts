/*
 * What is said anew whenever it reads otherwise, in place: comments, and roles with their rights. Applied after the
 * migrations, by the newest version only: whoever changes what one says raises its version, so that in a rolling deploy
 * an older service, which may have no right to say anything, leaves it as it is.
 */
import { createHash } from 'node:crypto';
import { describedTables } from '../described-tables.js';
import { GRANT_ROLES } from './roles.js';

export interface Definition {
  readonly name: string;
  /** Rises with every change of the statements. */
  readonly version: number;
  readonly statements: string;
  /** Answers whether it took effect; if not it is tried again by the next migration. */
  readonly outcome: string;
}

export const DEFINITIONS: readonly Definition[] = [
  { name: 'comments', version: 1, statements: comments(), outcome: 'select true as done' },
  { name: 'roles', version: 1, statements: GRANT_ROLES, outcome: 'select pg_temp.grant_roles() as done' },
];

export function digestOf({ statements }: Definition): string {
  return createHash('sha256').update(statements).digest('hex');
}

function comments(): string {
  return describedTables()
    .flatMap(({ name, kind, description, columns }) => [
      `comment on ${kind} roster.${name} is ${quote(description)};`,
      ...columns.map(([column, text]) => `comment on column roster.${name}."${column}" is ${quote(text)};`),
    ])
    .join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
