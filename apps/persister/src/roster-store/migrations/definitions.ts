/*
 * What is said anew whenever it reads otherwise, in place: comments, and roles with their rights. Applied after the
 * migrations, by the newest version only.
 */
import { describedTables } from '../described-tables.js';
import { GRANT_ROLES } from './roles.js';

export interface Definition {
  readonly name: string;
  readonly statements: string;
  /** Answers whether it took effect; if not it is tried again by the next migration. */
  readonly outcome: string;
}

export const DEFINITIONS: readonly Definition[] = [
  { name: 'comments', statements: comments(), outcome: 'select true as done' },
  { name: 'roles', statements: GRANT_ROLES, outcome: 'select pg_temp.grant_roles() as done' },
];

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
