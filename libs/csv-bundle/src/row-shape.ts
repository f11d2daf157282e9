/*
 * From a CSV header to rows in the shape of the REST API, so that one reader serves both: references become
 * `{sourcedId}`, lists are split, `metadata.*` becomes `metadata`. Columns may come in any order and spelling of
 * case; empty cells are left out; unknown columns pass through; passwords stay behind. Pure.
 */
import { CsvBundleError } from './bundle.errors.js';

export type Row = Readonly<Record<string, unknown>>;
export type ToRow = (cells: readonly string[]) => Row;

/** Columns of OneRoster CSV 1.1 and 1.2 that are not simply texts, or whose attribute has another name. */
const PLURALS: ReadonlyMap<string, string> = new Map([
  ['orgSourcedIds', 'orgs'],
  ['agentSourcedIds', 'agents'],
  ['termSourcedIds', 'terms'],
  ['childSourcedIds', 'children'],
  ['resourceSourcedIds', 'resources'],
]);
const LISTS: ReadonlySet<string> = new Set(['grades', 'subjects', 'subjectCodes', 'periods']);
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['preferredGivenName', 'preferredFirstName'],
  ['preferredFamilyName', 'preferredLastName'],
]);
const LEFT_BEHIND: ReadonlySet<string> = new Set(['password']);
const METADATA = /^metadata\./i;
const USER_ID = /\{([^{}:]*):([^{}]*)\}/g;

const SPELLINGS = new Map(
  [
    'sourcedId status dateLastModified title type startDate endDate parentSourcedId schoolYear name identifier',
    'schoolYearSourcedId courseCode grades orgSourcedId subjects subjectCodes courseSourcedId classCode classType',
    'location schoolSourcedId termSourcedIds periods enabledUser orgSourcedIds role username userIds givenName',
    'familyName middleName email sms phone agentSourcedIds password classSourcedId userSourcedId primary beginDate',
    'birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican white demographicRaceTwoOrMoreRaces',
    'nativeHawaiianOrOtherPacificIslander hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation',
    'cityOfBirth publicSchoolResidenceStatus userMasterIdentifier resourceSourcedIds preferredGivenName',
    'preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns roleType userProfileSourcedId profileType',
    'vendorId applicationId description credentialType childSourcedIds propertyName value',
  ].flatMap((line) => line.split(' ').map((name) => [name.toLowerCase(), name])),
);

/** One column: the attribute it fills and how a cell that is not empty reads. */
interface Column {
  readonly at: number;
  readonly attribute: string;
  readonly toValue: (cell: string) => unknown;
}

/** Throws CsvBundleError for a header without `sourcedId`, or with a column twice. */
export function rowShape(file: string, header: readonly string[], key = 'sourcedId'): ToRow {
  const names = header.map(spelling);
  if (!names.includes(key)) throw new CsvBundleError(`${file} has no column ${key}`);
  if (new Set(names).size < names.length) throw new CsvBundleError(`${file} has a column twice`);
  const columns: Column[] = [];
  const metadata: Column[] = [];
  names.forEach((name, at) => {
    if (METADATA.test(name)) metadata.push({ at, attribute: name.replace(METADATA, ''), toValue: asIs });
    else if (name !== '' && !LEFT_BEHIND.has(name)) columns.push({ at, ...meaningOf(name) });
  });
  return (cells) => {
    const entries = filled(columns, cells);
    const extra = filled(metadata, cells);
    if (extra.length > 0) entries.push(['metadata', Object.fromEntries(extra)]);
    return Object.fromEntries(entries);
  };
}

function spelling(text: string): string {
  const name = text.trim();
  return SPELLINGS.get(name.toLowerCase()) ?? name;
}

function meaningOf(name: string): Omit<Column, 'at'> {
  const plural = PLURALS.get(name);
  if (plural !== undefined) return { attribute: plural, toValue: (cell) => listOf(cell).map(toReference) };
  if (name !== 'sourcedId' && name.endsWith('SourcedId')) {
    return { attribute: name.slice(0, -'SourcedId'.length), toValue: toReference };
  }
  if (LISTS.has(name)) return { attribute: name, toValue: listOf };
  if (name === 'userIds') return { attribute: name, toValue: toUserIds };
  return { attribute: RENAMED.get(name) ?? name, toValue: asIs };
}

function filled(columns: readonly Column[], cells: readonly string[]): [string, unknown][] {
  const entries: [string, unknown][] = [];
  for (const { at, attribute, toValue } of columns) {
    const cell = cells[at];
    if (cell !== undefined && cell !== '') entries.push([attribute, toValue(cell)]);
  }
  return entries;
}

const asIs = (cell: string): string => cell;
const toReference = (sourcedId: string): Row => ({ sourcedId });

function listOf(cell: string): string[] {
  return cell
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** `{type:identifier},{type:identifier}`; what is written otherwise stays as it is. */
function toUserIds(cell: string): unknown {
  const ids = [...cell.matchAll(USER_ID)].map(([, type, identifier]) => ({ type, identifier }));
  return ids.length > 0 ? ids : cell;
}
