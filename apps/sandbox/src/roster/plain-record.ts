import type { EntityType } from '#contracts';

/**
 * What a district shares, as plain as it gets: OneRoster attribute names, references as ids, typed values, no empty
 * values; `extensions.metadata` holds the metadata keys. Tests compare rows with it, so nothing here may come from the
 * code that reads the source.
 */
export interface PlainRecord {
  readonly sourcedId: string;
  readonly status: 'active' | 'tobedeleted';
  readonly dateLastModified: string;
  readonly [attribute: string]: unknown;
}

/** A district's records before anybody edited them, each addressed by its index; ids ascend with the index. */
export interface Roster {
  count(type: EntityType): number;
  idAt(type: EntityType, index: number): string;
  recordAt(type: EntityType, index: number): PlainRecord;
  /** -1 if no record of the type has the id. */
  indexOf(type: EntityType, sourcedId: string): number;
}

export type AttributeKind =
  'text' | 'boolean' | 'booleanText' | 'list' | 'reference' | 'references' | 'userIds';

export interface Attribute {
  readonly name: string;
  readonly kind: AttributeKind;
  /** Collection a reference points into. */
  readonly to: EntityType;
  /** Header of the column in a OneRoster 1.1 CSV file. */
  readonly column: string;
  /** Whether an answer names the attribute also without a value ("" or []), as School Passport does for users. */
  readonly blank: boolean;
}

const attribute = (name: string, kind: AttributeKind, column = name, to: EntityType = 'orgs'): Attribute => ({
  name,
  kind,
  to,
  column,
  blank: kind === 'list' || kind === 'references',
});
const text = (name: string): Attribute => attribute(name, 'text');
const blankText = (name: string): Attribute => ({ ...text(name), blank: true });
const flag = (name: string): Attribute => attribute(name, 'booleanText');
const list = (name: string): Attribute => attribute(name, 'list');
const one = (name: string, to: EntityType): Attribute => attribute(name, 'reference', `${name}SourcedId`, to);
const many = (name: string, column: string, to: EntityType): Attribute =>
  attribute(name, 'references', `${column}SourcedIds`, to);

export const ATTRIBUTES: Readonly<Record<EntityType, readonly Attribute[]>> = {
  orgs: [
    text('name'),
    text('type'),
    text('identifier'),
    one('parent', 'orgs'),
    many('children', 'child', 'orgs'),
  ],
  academicSessions: [
    text('title'),
    text('startDate'),
    text('endDate'),
    text('type'),
    one('parent', 'academicSessions'),
    many('children', 'child', 'academicSessions'),
    text('schoolYear'),
  ],
  courses: [
    one('schoolYear', 'academicSessions'),
    text('title'),
    text('courseCode'),
    list('grades'),
    list('subjects'),
    one('org', 'orgs'),
    list('subjectCodes'),
  ],
  classes: [
    text('title'),
    text('classCode'),
    text('classType'),
    text('location'),
    list('grades'),
    list('subjects'),
    one('course', 'courses'),
    one('school', 'orgs'),
    many('terms', 'term', 'academicSessions'),
    list('subjectCodes'),
    list('periods'),
  ],
  users: [
    text('username'),
    attribute('userIds', 'userIds'),
    attribute('enabledUser', 'boolean'),
    text('givenName'),
    text('familyName'),
    blankText('middleName'),
    text('role'),
    blankText('identifier'),
    blankText('email'),
    blankText('sms'),
    blankText('phone'),
    many('agents', 'agent', 'users'),
    many('orgs', 'org', 'orgs'),
    list('grades'),
  ],
  demographics: [
    text('birthDate'),
    text('sex'),
    flag('americanIndianOrAlaskaNative'),
    flag('asian'),
    flag('blackOrAfricanAmerican'),
    flag('nativeHawaiianOrOtherPacificIslander'),
    flag('white'),
    flag('demographicRaceTwoOrMoreRaces'),
    flag('hispanicOrLatinoEthnicity'),
    blankText('countryOfBirthCode'),
    blankText('stateOfBirthAbbreviation'),
    blankText('cityOfBirth'),
    blankText('publicSchoolResidenceStatus'),
  ],
  enrollments: [
    one('user', 'users'),
    one('class', 'classes'),
    one('school', 'orgs'),
    text('role'),
    flag('primary'),
    text('beginDate'),
    text('endDate'),
  ],
};
