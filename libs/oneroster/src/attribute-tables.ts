/*
 * What OneRoster says a record of each type is: its attributes, and the kind of value each holds. Everything else in
 * this room is driven by these tables; a new attribute is a new row. Where versions differ, `aliases` names other
 * spellings met, and `otherwise` finds the value where another version keeps it.
 */
import type { EntityType } from '#contracts';
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

export const RECORD_TABLES: Readonly<Record<EntityType, RecordTable>> = {
  orgs: {
    attributes: { name: text, type: text, identifier: text, parent: one('orgs'), children: many('orgs') },
    school: 'sourcedId',
    collectionKeys: ['orgs', 'org', 'schools'],
  },
  academicSessions: {
    attributes: {
      title: text,
      type: text,
      startDate: date,
      endDate: date,
      schoolYear: { kind: 'schoolYear' },
      parent: one('academicSessions'),
      children: many('academicSessions'),
    },
    collectionKeys: ['academicSessions', 'academicSession', 'terms', 'gradingPeriods'],
  },
  courses: {
    attributes: {
      title: text,
      courseCode: text,
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
      title: text,
      classCode: text,
      classType: text,
      location: text,
      grades: codes,
      subjects: texts,
      subjectCodes: codes,
      periods: codes,
      course: one('courses'),
      school: one('orgs'),
      terms: many('academicSessions'),
      resources,
    },
    school: 'school',
    checksReferences: true,
    collectionKeys: ['classes', 'class'],
  },
  users: {
    attributes: {
      username: text,
      givenName: text,
      familyName: text,
      middleName: text,
      role: { kind: 'text', otherwise: primaryRole },
      enabledUser: boolean,
      identifier: text,
      email: text,
      sms: text,
      phone: text,
      grades: codes,
      orgs: { kind: 'references', to: 'orgs', otherwise: rolesOrgs },
      agents: { kind: 'references', to: 'users', aliases: ['agentSourceIds', 'agentSourcedIds'] },
      userIds: { kind: 'objects' },
    },
    school: 'orgs',
    unorderedExtensions: ['roles', 'userProfiles'],
    collectionKeys: ['users', 'user', 'students', 'teachers'],
  },
  demographics: {
    attributes: {
      birthDate: { kind: 'date', aliases: ['birthdate'] },
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
      role: text,
      primary: boolean,
      beginDate: date,
      endDate: date,
      user: one('users'),
      class: one('classes'),
      school: one('orgs'),
    },
    school: 'school',
    checksReferences: true,
    collectionKeys: ['enrollments', 'enrollment'],
  },
};
