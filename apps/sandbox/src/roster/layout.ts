/**
 * How many records of each sort a generated district has, and which belongs to which. Users are students, teachers,
 * administrators and contacts, in this order; everything else follows from the index.
 */
export interface Layout {
  readonly schools: number;
  readonly sessions: number;
  readonly coursesPerSchool: number;
  readonly classesPerSchool: number;
  readonly students: number;
  readonly teachers: number;
  readonly administrators: number;
  readonly contacts: number;
  /** Classes that each student takes, all in the student's first school. */
  readonly classesPerStudent: number;
}

/** School Passport's documented sandbox district. */
export const DOCUMENTED_LAYOUT: Layout = {
  schools: 3,
  sessions: 1,
  coursesPerSchool: 3,
  classesPerSchool: 3,
  students: 30,
  teachers: 3,
  administrators: 6,
  contacts: 49,
  classesPerStudent: 3,
};

export const MIN_RECORDS = 500;
export const MAX_RECORDS = 10_000_000;
const RECORDS_PER_SCHOOL = 8_000;

/** A district of exactly `records` records in everyday proportions: six in ten are enrollments, a quarter users. */
export function layoutOf(records: number): Layout {
  const schools = Math.max(3, Math.round(records / RECORDS_PER_SCHOOL));
  const perSchool = records / schools;
  const classesPerSchool = Math.max(6, Math.round(perSchool * 0.02));
  const coursesPerSchool = Math.max(2, Math.round(perSchool * 0.004));
  const teachers = schools * Math.max(2, Math.round(perSchool * 0.005));
  const sessions = 3;
  const administrators = 3 + schools;
  const classesPerStudent = 5;
  const fixed =
    1 + schools * (1 + coursesPerSchool + 2 * classesPerSchool) + sessions + teachers + administrators;
  // A student comes with demographics, enrollments and about one contact; contacts take what is left over.
  const students = Math.floor((records - fixed) / (classesPerStudent + 3));
  const contacts = records - fixed - students * (classesPerStudent + 2);
  return {
    schools,
    sessions,
    coursesPerSchool,
    classesPerSchool,
    students,
    teachers,
    administrators,
    contacts,
    classesPerStudent,
  };
}
