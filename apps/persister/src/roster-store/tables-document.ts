/* docs/tables.md, written from the description that the database's comments are made of; committed, and compared by a spec. */
import { ENTITY_TYPES } from '#contracts';
import { columnsOf, toSnakeCase } from './columns.js';
import { describedTables, type DescribedTable } from './described-tables.js';

const HEAD = `# Tables

Schema \`roster\` in the namespace's database (\`rollcall\`). Written by \`npm run tables\` from the same source as the comments in the database (\`\\d+ roster.users\`); how to read them, who may, and examples: [contract](contract.md#tables).

Every table of records has the key \`district_id, gg4l_id\`, then OneRoster's attributes in snake_case, then what is kept about the row. For each there is a view \`active_…\` with the same columns, without archived rows. Indexes: the key; \`users.orgs\`, \`users.agents\` and \`classes.terms\` for \`@>\`; \`enrollments.user\` and \`enrollments.class\`.

Archived rows stay until retention removes them; who is erased, and a district that is purged, has no row and no history: [removing for good](operations.md#removing-for-good). A row that says nothing but its key is of somebody whose erasure is under way.
`;

export function tablesDocument(): string {
  const records = ENTITY_TYPES.map(toSnakeCase);
  const tables = describedTables().filter(({ name }) => !name.startsWith('active_'));
  const sections = tables.map((table) => sectionOf(table, records.includes(table.name)));
  return `${HEAD}\n${sections.join('\n')}`;
}

function sectionOf({ name, kind, description, columns }: DescribedTable, ofRecords: boolean): string {
  const types = ofRecords ? typesOf(name) : new Map<string, string>();
  const rows = columns.map(([column, text]) => {
    const type = types.get(column);
    return `| \`${column}\`${type === undefined ? '' : ` ${type}`} | ${text} |`;
  });
  const intro = `${description.slice(0, 1).toUpperCase()}${description.slice(1)}.`;
  const what = kind === 'view' ? ' (view)' : '';
  return [`## ${name}${what}`, '', intro, '', '| column | |', '| --- | --- |', ...rows, ''].join('\n');
}

function typesOf(table: string): ReadonlyMap<string, string> {
  const type = ENTITY_TYPES.find((one) => toSnakeCase(one) === table);
  return new Map(type === undefined ? [] : columnsOf(type).map(({ name, sqlType }) => [name, sqlType]));
}
