/* What each attribute says, in the words of OneRoster shortened: for documents and for comments on tables. */
import type { EntityType } from '#contracts';

export interface TypeDescription {
  /** What one record is. */
  readonly record: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const GRADES = 'grade levels, as the source codes them';
const SUBJECTS = 'names of subjects';
const SUBJECT_CODES = 'codes of subjects, as the source spells them';
const RESOURCES = 'ids of learning resources';

export const TYPE_DESCRIPTIONS: Readonly<Record<EntityType, TypeDescription>> = {
  orgs: {
    record: 'a school, district or other organisation',
    attributes: {
      name: 'its name',
      type: 'department, district, local, national, school or state',
      identifier: 'an identifier a person would know, such as a state’s school number',
      parent: 'the org it belongs to',
      children: 'the orgs that belong to it',
    },
  },
  academicSessions: {
    record: 'a school year, semester, term or grading period',
    attributes: {
      title: 'its name',
      type: 'gradingPeriod, semester, schoolYear or term',
      startDate: 'its first day',
      endDate: 'the day after its last day',
      schoolYear: 'the school year it is part of, named by the year it ends in',
      parent: 'the session it is part of',
      children: 'the sessions that are part of it',
    },
  },
  courses: {
    record: 'a course of study, of which classes are held',
    attributes: {
      title: 'its name',
      courseCode: 'its code in the catalogue',
      schoolYear: 'the academic session of its school year',
      grades: GRADES,
      subjects: SUBJECTS,
      subjectCodes: SUBJECT_CODES,
      org: 'the org that offers it',
      resources: RESOURCES,
    },
  },
  classes: {
    record: 'a class: a course as it is held at a school',
    attributes: {
      title: 'its name',
      classCode: 'its code, such as a section number',
      classType: 'homeroom or scheduled',
      location: 'where it is held',
      grades: GRADES,
      subjects: SUBJECTS,
      subjectCodes: SUBJECT_CODES,
      periods: 'periods of the day in which it is held',
      course: 'the course it is of',
      school: 'the school it is held at',
      terms: 'the academic sessions in which it is held',
      resources: RESOURCES,
    },
  },
  users: {
    record: 'a person: student, teacher, guardian or other',
    attributes: {
      username: 'name to log in with',
      givenName: 'first name',
      familyName: 'last name',
      middleName: 'middle names',
      role: 'student, teacher, administrator, aide, parent, guardian, relative or proctor',
      enabledUser: 'false: the person may not use the system',
      identifier: 'an identifier a person would know, such as a student number',
      email: 'e-mail address',
      sms: 'number for text messages',
      phone: 'telephone number',
      grades: GRADES,
      orgs: 'the orgs the person belongs to',
      agents: 'users who may act for this one, such as parents',
      userIds: 'further identifiers: a list of {type, identifier}',
    },
  },
  demographics: {
    record: 'demographic facts of a user; its id is the user’s',
    attributes: {
      birthDate: 'date of birth',
      sex: 'male, female or as the source says',
      americanIndianOrAlaskaNative: 'race, as reported',
      asian: 'race, as reported',
      blackOrAfricanAmerican: 'race, as reported',
      nativeHawaiianOrOtherPacificIslander: 'race, as reported',
      white: 'race, as reported',
      demographicRaceTwoOrMoreRaces: 'race, as reported: two or more',
      hispanicOrLatinoEthnicity: 'ethnicity, as reported',
      countryOfBirthCode: 'country of birth, as the source codes it',
      stateOfBirthAbbreviation: 'state of birth',
      cityOfBirth: 'city of birth',
      publicSchoolResidenceStatus: 'where the person lives relative to the school, as the source codes it',
    },
  },
  enrollments: {
    record: 'a user in a class, in a role',
    attributes: {
      role: 'student, teacher, administrator, aide or proctor',
      primary: 'true: the teacher who is responsible',
      beginDate: 'first day',
      endDate: 'the day after the last day',
      user: 'who is in the class',
      class: 'the class',
      school: 'the school of the class',
    },
  },
};
