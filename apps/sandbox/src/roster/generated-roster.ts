/*
 * A district computed from a seed: every record follows from its index, so nothing is held and a district of ten
 * million records costs no more memory than one of two hundred.
 */
import type { EntityType } from '#contracts';
import { IdSpace, mix } from './hash.js';
import type { Layout } from './layout.js';
import { FAMILY_NAMES, pick, SCHOOL_NAMES, SUBJECTS } from './names.js';
import { demographicsOf } from './demographics.js';
import { LEVELS, MODIFIED_AT, People } from './people.js';
import type { PlainRecord, Roster } from './plain-record.js';

type Body = Readonly<Record<string, unknown>>;

const record = (sourcedId: string, body: Body): PlainRecord => ({
  sourcedId,
  status: 'active',
  dateLastModified: MODIFIED_AT,
  ...body,
});

export class GeneratedRoster implements Roster {
  private readonly ids: Readonly<Record<EntityType, IdSpace>>;
  private readonly people: People;

  constructor(
    private readonly seed: number,
    private readonly districtName: string,
    private readonly layout: Layout,
  ) {
    const l = layout;
    const users = l.students + l.teachers + l.administrators + l.contacts;
    const classes = l.schools * l.classesPerSchool;
    const space = (salt: number, count: number): IdSpace => new IdSpace(mix(seed, salt), count);
    const userIds = space(5, users);
    this.ids = {
      orgs: space(1, 1 + l.schools),
      academicSessions: space(2, l.sessions),
      courses: space(3, l.schools * l.coursesPerSchool),
      classes: space(4, classes),
      users: userIds,
      demographics: userIds,
      enrollments: space(6, l.students * l.classesPerStudent + classes),
    };
    this.people = new People(seed, layout, userIds, this.ids.orgs);
  }

  count(type: EntityType): number {
    return type === 'demographics' ? this.layout.students : this.ids[type].count;
  }

  idAt(type: EntityType, index: number): string {
    return this.ids[type].idAt(index);
  }

  indexOf(type: EntityType, sourcedId: string): number {
    const index = this.ids[type].indexOf(sourcedId);
    return index < this.count(type) ? index : -1;
  }

  recordAt(type: EntityType, index: number): PlainRecord {
    switch (type) {
      case 'orgs':
        return this.org(index);
      case 'academicSessions':
        return this.session(index);
      case 'courses':
        return this.course(index);
      case 'classes':
        return this.classAt(index);
      case 'users':
        return this.people.personAt(index);
      case 'demographics':
        return demographicsOf(this.ids.users.idAt(index), mix(this.seed ^ 7, index));
      case 'enrollments':
        return this.enrollment(index);
    }
  }

  private schoolId(school: number): string {
    return this.ids.orgs.idAt(1 + school);
  }

  private org(index: number): PlainRecord {
    const id = this.ids.orgs.idAt(index);
    const identifier = String(1000 + index);
    if (index === 0) {
      const children = Array.from({ length: this.layout.schools }, (_, school) => this.schoolId(school));
      return record(id, { name: this.districtName, type: 'district', identifier, children });
    }
    const school = index - 1;
    const number = school < SCHOOL_NAMES.length ? '' : ` ${Math.floor(school / SCHOOL_NAMES.length) + 1}`;
    return record(id, {
      name: `${pick(SCHOOL_NAMES, school)}${number} ${pick(LEVELS, school)[0]}`,
      type: 'school',
      identifier,
      parent: this.ids.orgs.idAt(0),
      extensions: { metadata: { 'gg4l.school_type': pick(LEVELS, school)[0].toLowerCase() } },
    });
  }

  private session(index: number): PlainRecord {
    const id = this.ids.academicSessions.idAt(index);
    if (index === 0) {
      const children = Array.from({ length: this.layout.sessions - 1 }, (_, n) =>
        this.ids.academicSessions.idAt(n + 1),
      );
      const year = { title: '2026-2027', type: 'schoolYear', startDate: '2026-08-10', endDate: '2027-06-12' };
      return record(id, { ...year, schoolYear: '2027', ...(children.length === 0 ? {} : { children }) });
    }
    const dates =
      index === 1
        ? { title: 'Fall 2026', startDate: '2026-08-10', endDate: '2027-01-16' }
        : { title: 'Spring 2027', startDate: '2027-01-16', endDate: '2027-06-12' };
    const parent = this.ids.academicSessions.idAt(0);
    return record(id, { ...dates, type: 'term', schoolYear: '2027', parent });
  }

  private course(index: number): PlainRecord {
    const school = Math.floor(index / this.layout.coursesPerSchool);
    const within = index % this.layout.coursesPerSchool;
    const [subject, code] = pick(SUBJECTS, index);
    // The last course of each school is the district's own: it stays when the school goes.
    const isDistricts = within === this.layout.coursesPerSchool - 1;
    return record(this.ids.courses.idAt(index), {
      title: `${subject} ${within + 1}`,
      courseCode: `${code}-${100 + index}`,
      schoolYear: this.ids.academicSessions.idAt(0),
      grades: pick(LEVELS, school)[1],
      subjects: [subject],
      subjectCodes: [code],
      org: isDistricts ? this.ids.orgs.idAt(0) : this.schoolId(school),
    });
  }

  private classAt(index: number): PlainRecord {
    const { classesPerSchool, coursesPerSchool, sessions } = this.layout;
    const school = Math.floor(index / classesPerSchool);
    const within = index % classesPerSchool;
    const course = school * coursesPerSchool + (within % coursesPerSchool);
    const [subject, code] = pick(SUBJECTS, course);
    return record(this.ids.classes.idAt(index), {
      title: `${subject} - ${pick(FAMILY_NAMES, mix(this.seed, index))}`,
      classCode: `${code}-${100 + course}-${within + 1}`,
      classType: within === 0 ? 'homeroom' : 'scheduled',
      location: `Room ${101 + (within % 60)}`,
      grades: pick(LEVELS, school)[1],
      subjects: [subject],
      subjectCodes: [code],
      periods: [String(1 + (within % 8))],
      course: this.ids.courses.idAt(course),
      school: this.schoolId(school),
      terms: [this.ids.academicSessions.idAt(sessions === 1 ? 0 : 1 + (within % (sessions - 1)))],
    });
  }

  private enrollment(index: number): PlainRecord {
    const { students, classesPerStudent, classesPerSchool, schools, teachers } = this.layout;
    const teaching = index - students * classesPerStudent;
    const student = Math.floor(index / classesPerStudent);
    const school = teaching < 0 ? student % schools : Math.floor(teaching / classesPerSchool);
    const within =
      teaching < 0
        ? (mix(this.seed, student) + (index % classesPerStudent)) % classesPerSchool
        : teaching % classesPerSchool;
    // Teachers of a school take its classes in turn.
    const inSchool = Math.ceil((teachers - school) / schools);
    const user = teaching < 0 ? student : students + school + schools * (within % inSchool);
    return {
      sourcedId: this.ids.enrollments.idAt(index),
      status: 'active',
      dateLastModified: MODIFIED_AT,
      user: this.ids.users.idAt(user),
      class: this.ids.classes.idAt(school * classesPerSchool + within),
      school: this.schoolId(school),
      role: teaching < 0 ? 'student' : 'teacher',
      primary: teaching >= 0,
      beginDate: '2026-08-10',
      endDate: '2027-06-12',
    };
  }
}
