/* What a district shares as a OneRoster CSV bundle, 1.1 or 1.2: bulk files, so status and time stay empty. */
import { ZipFile } from 'yazl';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { SharedView } from '../sharing/shared-view.js';
import type { ServiceKind } from '../sharing/service-kind.js';
import { ATTRIBUTES, type Attribute, type PlainRecord } from './plain-record.js';

type Version = ServiceKind['version'];

const IN_ROLES: ReadonlySet<string> = new Set(['role', 'orgs']);

export function bundleFiles(view: SharedView, version: Version): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const type of ENTITY_TYPES) {
    const records = view.slice({ type }, 0, view.total({ type }));
    files.set(`${type}.csv`, fileOf(type, records, version));
    if (type === 'users' && version === '1.2') files.set('roles.csv', rolesOf(records));
  }
  const manifest = [...files.keys()].map((name) => [`file.${name.replace('.csv', '')}`, 'bulk']);
  const head = [
    ['propertyName', 'value'],
    ['manifest.version', '1.0'],
    ['oneroster.version', version],
  ];
  files.set('manifest.csv', textOf([...head, ...manifest]));
  return files;
}

export async function zipOf(files: ReadonlyMap<string, string>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of files) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function fileOf(type: EntityType, records: readonly PlainRecord[], version: Version): string {
  const attributes = ATTRIBUTES[type].filter(
    ({ name }) => version === '1.1' || type !== 'users' || !IN_ROLES.has(name),
  );
  const keys = [...new Set(records.flatMap((record) => Object.keys(metadataOf(record))))].sort();
  const header = [
    ...['sourcedId', 'status', 'dateLastModified'],
    ...attributes.map(({ column }) => column),
    ...keys.map((key) => `metadata.${key}`),
  ];
  const lines = records.map((record) => [
    ...[record.sourcedId, record.status === 'active' ? '' : record.status, ''],
    ...attributes.map((attribute) => cellOf(attribute, record[attribute.name])),
    ...keys.map((key) => String(metadataOf(record)[key] ?? '')),
  ]);
  return textOf([header, ...lines]);
}

function rolesOf(users: readonly PlainRecord[]): string {
  const lines = users.flatMap(({ sourcedId, role, orgs }) =>
    (Array.isArray(orgs) ? (orgs as string[]) : []).map((org, at) => [
      ...[`${sourcedId}-${at}`, '', '', sourcedId],
      ...[at === 0 ? 'primary' : 'secondary', String(role), org],
    ]),
  );
  const header = 'sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId'.split(',');
  return textOf([header, ...lines]);
}

function metadataOf({ extensions }: PlainRecord): Readonly<Record<string, string | number | boolean>> {
  const { metadata = {} } = (extensions ?? {}) as { metadata?: ReturnType<typeof metadataOf> };
  return metadata;
}

function cellOf({ kind }: Attribute, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (kind !== 'userIds') return Array.isArray(value) ? value.join(',') : `${value as string | boolean}`;
  return (value as { type: string; identifier: string }[])
    .map(({ type, identifier }) => `{${type}:${identifier}}`)
    .join(',');
}

function textOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
