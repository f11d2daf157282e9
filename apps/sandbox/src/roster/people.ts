import { mix, type IdSpace } from './hash.js';
import type { Layout } from './layout.js';
import { FAMILY_NAMES, GIVEN_NAMES, pick } from './names.js';

export const LEVELS = [
  ['Elementary School', ['01', '02', '03', '04', '05', 'KG']],
  ['Middle School', ['06', '07', '08']],
  ['High School', ['09', '10', '11', '12']],
] as const;

export type Body = Readonly<Record<string, unknown>>;
export const metadata = (entries: Readonly<Record<string, string>>): Body => ({
  extensions: { metadata: entries },
});

/** A generated district's users: students, teachers, administrators and contacts, in this order. */
export class People {
  constructor(
    private readonly seed: number,
    private readonly layout: Layout,
    private readonly userIds: IdSpace,
    private readonly orgIds: IdSpace,
  ) {}

  personAt(index: number): Body {
    const { students, teachers, administrators, schools } = this.layout;
    const drawn = mix(this.seed ^ 5, index);
    const given = pick(GIVEN_NAMES, drawn);
    const family = pick(FAMILY_NAMES, drawn >>> 8);
    const username = `${given}.${family}.${index}`.toLowerCase().replace(/[^a-z0-9.]/g, '');
    const person = { username, givenName: given, familyName: family, enabledUser: true };
    if (index < students) return { ...person, ...this.student(index, drawn) };
    const staff = index - students;
    const email = `${username}@schools.example`;
    if (staff < teachers + administrators) {
      const administrator = staff - teachers;
      const isOffice = administrator >= 0 && administrator < 3;
      const org = isOffice
        ? this.orgIds.idAt(0)
        : this.schoolId((administrator < 0 ? staff : administrator) % schools);
      const role = administrator < 0 ? 'teacher' : 'administrator';
      return { ...person, role, email, identifier: `T${1000 + staff}`, orgs: [org] };
    }
    return { ...person, ...this.contact(staff - teachers - administrators, drawn), email };
  }

  private student(student: number, drawn: number): Body {
    const { students, contacts, teachers, administrators, schools } = this.layout;
    const orgs = this.orgsOfStudent(student);
    const grade = pick(pick(LEVELS, student % schools)[1], drawn >>> 3);
    const number = String(100_000 + student);
    const agents: string[] = [];
    for (let contact = student; contact < contacts; contact += students) {
      agents.push(this.userIds.idAt(students + teachers + administrators + contact));
    }
    return {
      role: 'student',
      identifier: number,
      ...(drawn % 4 === 0 ? {} : { email: `s${number}@students.example` }),
      ...(drawn % 3 === 0 ? { middleName: pick(GIVEN_NAMES, drawn >>> 16) } : {}),
      ...(agents.length === 0 ? {} : { agents }),
      orgs,
      grades: [grade],
      userIds: [{ type: 'SIS', identifier: `SIS-${number}` }],
      ...metadata({
        'gg4l.primary_school': this.schoolId(student % schools),
        'gg4l.primaryGrade': grade,
        student_number: number,
      }),
    };
  }

  /** The schools of a student: now and then two. */
  private orgsOfStudent(student: number): string[] {
    const { schools } = this.layout;
    const orgs = [this.schoolId(student % schools)];
    if (student % 97 === 29) orgs.push(this.schoolId((student + 1) % schools));
    return orgs.sort();
  }

  private contact(contact: number, drawn: number): Body {
    const { students } = this.layout;
    const student = contact % students;
    const phone = `+1-555-${String(drawn % 1000).padStart(3, '0')}-${String((drawn >>> 10) % 10_000).padStart(4, '0')}`;
    return {
      role: contact % 2 === 0 ? 'parent' : 'guardian',
      phone,
      ...(drawn % 2 === 0 ? { sms: phone } : {}),
      agents: [this.userIds.idAt(student)],
      orgs: this.orgsOfStudent(student),
      ...metadata({ 'gg4l.preferred_contact_method': drawn % 2 === 0 ? 'sms' : 'email' }),
    };
  }

  private schoolId(school: number): string {
    return this.orgIds.idAt(1 + school);
  }
}
