/*
 * What OneRoster says a record of each type is: its attributes, and the kind of value each holds. Everything else in
 * this room is driven by these tables; a new attribute is a new row. Where versions differ, `aliases` names other
 * spellings met, and `otherwise` finds the value where another version keeps it.
 */
import type { EntityType } from '#contracts';
import type { MaskKind } from './masks.js';
import { primaryRole, rolesOrgs } from './user-roles.js';

export type ValueKind =
  | 'text'
  | 'boolean'
  | 'date'
  | 'schoolYear'
  | 'texts' // a set of texts, each as it is
  | 'codes' // a set of texts that a string may hold separated by commas
  | 'objects' // a set of objects
  | 'reference'
  | 'references';

export interface Attribute {
  readonly kind: ValueKind;
  /** Type a reference points to; absent for references to what is no roster record. */
  readonly to?: EntityType;
  readonly aliases?: readonly string[];
  /** Finds the value elsewhere in the record if neither the attribute nor an alias holds one. */
  readonly otherwise?: (source: Readonly<Record<string, unknown>>) => unknown;
  /** The standard wants a value, or at least the key: warned of where there is none. */
  readonly required?: 'value' | 'key';
  /** How a value looks that Privacy Shield has masked. */
  readonly mask?: MaskKind;
}

export interface RecordTable {
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Where the record's school is named; a list names one only if it has exactly one element. */
  readonly school?: string;
  /** Targets are listed for the check that references close. */
  readonly checksReferences?: true;
  /** Unknown attributes whose lists have no order. */
  readonly unorderedExtensions?: readonly string[];
  /** Keys of an answer that holds this collection, the standard's first. */
  readonly collectionKeys: readonly string[];
}

const text: Attribute = { kind: 'text' };
const boolean: Attribute = { kind: 'boolean' };
const date: Attribute = { kind: 'date' };
const texts: Attribute = { kind: 'texts' };
const codes: Attribute = { kind: 'codes' };
const resources: Attribute = { kind: 'references' };
const one = (to: EntityType): Attribute => ({ kind: 'reference', to });
const many = (to: EntityType): Attribute => ({ kind: 'references', to });
const required = (attribute: Attribute): Attribute => ({ ...attribute, required: 'value' });
const masked = (mask: MaskKind): Attribute => ({ kind: 'text', mask });

export const RECORD_TABLES: Readonly<Record<EntityType, RecordTable>> = {
  orgs: {
    attributes: {
      name: required(text),
      type: required(text),
      identifier: text,
      parent: one('orgs'),
      children: many('orgs'),
    },
    school: 'sourcedId',
    collectionKeys: ['orgs', 'org', 'schools'],
  },
  academicSessions: {
    attributes: {
      title: required(text),
      type: required(text),
      startDate: required(date),
      endDate: required(date),
      schoolYear: required({ kind: 'schoolYear' }),
      parent: one('academicSessions'),
      children: many('academicSessions'),
    },
    collectionKeys: ['academicSessions', 'academicSession', 'terms', 'gradingPeriods'],
  },
  courses: {
    attributes: {
      title: required(text),
      courseCode: { kind: 'text', required: 'key' },
      schoolYear: one('academicSessions'),
      grades: codes,
      subjects: texts,
      subjectCodes: codes,
      org: one('orgs'),
      resources,
    },
    school: 'org',
    checksReferences: true,
    collectionKeys: ['courses', 'course'],
  },
  classes: {
    attributes: {
      title: required(text),
      classCode: text,
      classType: text,
      location: text,
      grades: codes,
      subjects: texts,
      subjectCodes: codes,
      periods: codes,
      course: required(one('courses')),
      school: required(one('orgs')),
      terms: required(many('academicSessions')),
      resources,
    },
    school: 'school',
    checksReferences: true,
    collectionKeys: ['classes', 'class'],
  },
  users: {
    attributes: {
      username: required(masked('name or address')),
      givenName: required(masked('name')),
      familyName: required(masked('name')),
      middleName: masked('name'),
      role: required({ kind: 'text', otherwise: primaryRole }),
      enabledUser: required(boolean),
      identifier: text,
      email: masked('address'),
      sms: masked('number'),
      phone: masked('number'),
      grades: codes,
      orgs: required({ kind: 'references', to: 'orgs', otherwise: rolesOrgs }),
      agents: { kind: 'references', to: 'users', aliases: ['agentSourceIds', 'agentSourcedIds'] },
      userIds: { kind: 'objects' },
    },
    school: 'orgs',
    unorderedExtensions: ['roles', 'userProfiles'],
    collectionKeys: ['users', 'user', 'students', 'teachers'],
  },
  demographics: {
    attributes: {
      birthDate: { kind: 'date', aliases: ['birthdate'], mask: 'birth date' },
      sex: text,
      americanIndianOrAlaskaNative: boolean,
      asian: boolean,
      blackOrAfricanAmerican: boolean,
      nativeHawaiianOrOtherPacificIslander: boolean,
      white: boolean,
      demographicRaceTwoOrMoreRaces: boolean,
      hispanicOrLatinoEthnicity: boolean,
      countryOfBirthCode: text,
      stateOfBirthAbbreviation: text,
      cityOfBirth: text,
      publicSchoolResidenceStatus: text,
    },
    collectionKeys: ['demographics', 'demographic'],
  },
  enrollments: {
    attributes: {
      role: required(text),
      primary: boolean,
      beginDate: date,
      endDate: date,
      user: required(one('users')),
      class: required(one('classes')),
      school: required(one('orgs')),
    },
    school: 'school',
    checksReferences: true,
    collectionKeys: ['enrollments', 'enrollment'],
  },
};
