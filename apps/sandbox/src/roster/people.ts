import { mix, type IdSpace } from './hash.js';
import type { Layout } from './layout.js';
import { FAMILY_NAMES, GIVEN_NAMES, pick } from './names.js';
import type { PlainRecord } from './plain-record.js';

export const LEVELS = [
  ['Elementary School', ['01', '02', '03', '04', '05', 'KG']],
  ['Middle School', ['06', '07', '08']],
  ['High School', ['09', '10', '11', '12']],
] as const;

export const MODIFIED_AT = '2026-07-15T08:00:00.000Z';

/** A generated district's users: students, teachers, administrators and contacts, in this order. */
export class People {
  constructor(
    private readonly seed: number,
    private readonly layout: Layout,
    private readonly userIds: IdSpace,
    private readonly orgIds: IdSpace,
  ) {}

  personAt(index: number): PlainRecord {
    const { students, teachers, administrators } = this.layout;
    const drawn = mix(this.seed ^ 5, index);
    if (index < students) return this.student(index, drawn);
    const staff = index - students;
    if (staff < teachers + administrators) return this.staff(index, drawn, staff);
    return this.contact(index, drawn, staff - teachers - administrators);
  }

  // Each kind of person is one object literal: spreading would cost more than all the rest of a page.

  private student(student: number, drawn: number): PlainRecord {
    const { students, contacts, teachers, administrators, schools } = this.layout;
    const grade = pick(pick(LEVELS, student % schools)[1], drawn >>> 3);
    const number = String(100_000 + student);
    const agents: string[] = [];
    for (let contact = student; contact < contacts; contact += students) {
      agents.push(this.userIds.idAt(students + teachers + administrators + contact));
    }
    return {
      sourcedId: this.userIds.idAt(student),
      status: 'active',
      dateLastModified: MODIFIED_AT,
      username: usernameOf(student, drawn),
      userIds: [{ type: 'SIS', identifier: `SIS-${number}` }],
      enabledUser: true,
      givenName: pick(GIVEN_NAMES, drawn),
      familyName: pick(FAMILY_NAMES, drawn >>> 8),
      middleName: drawn % 3 === 0 ? pick(GIVEN_NAMES, drawn >>> 16) : undefined,
      role: 'student',
      identifier: number,
      email: drawn % 4 === 0 ? undefined : `s${number}@students.example`,
      agents: agents.length === 0 ? undefined : agents,
      orgs: this.orgsOfStudent(student),
      grades: [grade],
      extensions: {
        metadata: {
          'gg4l.primary_school': this.schoolId(student % schools),
          'gg4l.primaryGrade': grade,
          student_number: number,
        },
      },
    };
  }

  private staff(index: number, drawn: number, staff: number): PlainRecord {
    const { teachers, schools } = this.layout;
    const administrator = staff - teachers;
    const isOffice = administrator >= 0 && administrator < 3;
    const username = usernameOf(index, drawn);
    return {
      sourcedId: this.userIds.idAt(index),
      status: 'active',
      dateLastModified: MODIFIED_AT,
      username,
      enabledUser: true,
      givenName: pick(GIVEN_NAMES, drawn),
      familyName: pick(FAMILY_NAMES, drawn >>> 8),
      role: administrator < 0 ? 'teacher' : 'administrator',
      identifier: `T${1000 + staff}`,
      email: `${username}@schools.example`,
      orgs: [
        isOffice ? this.orgIds.idAt(0) : this.schoolId((administrator < 0 ? staff : administrator) % schools),
      ],
    };
  }

  private contact(index: number, drawn: number, contact: number): PlainRecord {
    const student = contact % this.layout.students;
    const phone = `+1-555-${100 + (drawn % 900)}-${1000 + ((drawn >>> 10) % 9000)}`;
    const username = usernameOf(index, drawn);
    return {
      sourcedId: this.userIds.idAt(index),
      status: 'active',
      dateLastModified: MODIFIED_AT,
      username,
      enabledUser: true,
      givenName: pick(GIVEN_NAMES, drawn),
      familyName: pick(FAMILY_NAMES, drawn >>> 8),
      role: contact % 2 === 0 ? 'parent' : 'guardian',
      email: `${username}@families.example`,
      sms: drawn % 2 === 0 ? phone : undefined,
      phone,
      agents: [this.userIds.idAt(student)],
      orgs: this.orgsOfStudent(student),
      extensions: { metadata: { 'gg4l.preferred_contact_method': drawn % 2 === 0 ? 'sms' : 'email' } },
    };
  }

  /** The schools of a student: now and then two. */
  private orgsOfStudent(student: number): string[] {
    const { schools } = this.layout;
    const first = this.schoolId(student % schools);
    return student % 97 === 29 ? [first, this.schoolId((student + 1) % schools)].sort() : [first];
  }

  private schoolId(school: number): string {
    return this.orgIds.idAt(1 + school);
  }
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
const GIVEN_WORDS = GIVEN_NAMES.map(plain);
const FAMILY_WORDS = FAMILY_NAMES.map(plain);

function usernameOf(index: number, drawn: number): string {
  return `${pick(GIVEN_WORDS, drawn)}.${pick(FAMILY_WORDS, drawn >>> 8)}.${index}`;
}
