/* What must not be found where it does not belong, in every spelling that it could be found in. */

export interface Mark {
  readonly name: string;
  readonly text: string;
}

/** Of records: at home in raw log, change topics, dead letters and roster, and nowhere else. */
export const CONTENTS: readonly Mark[] = [
  { name: 'a given name', text: 'CanaryGiven7f3a' },
  { name: 'a family name', text: 'CanaryFamily7f3a' },
  { name: 'an e-mail address', text: 'canary.mail.7f3a@example.test' },
  { name: 'a telephone number', text: '+1-555-7070-7f3a' },
];

/** Of a record, and at home nowhere at all. */
export const PASSWORD: Mark = { name: 'a password of a record', text: 'CanaryPassword7f3a' };

/** How every token of the sandbox begins. */
export const TOKEN: Mark = { name: 'a token', text: 'sandbox-token-' };

/** The marks found in a text, as they are or in base64 (of any alignment), by name. */
export function marksIn(text: string, marks: readonly Mark[]): readonly string[] {
  return marks
    .filter((mark) => spellings(mark.text).some((spelling) => text.includes(spelling)))
    .map(({ name }) => name);
}

function spellings(text: string): readonly string[] {
  const inBase64 = ['', 'x', 'xx'].map((before) => {
    const encoded = Buffer.from(before + text).toString('base64');
    // Without what depends on the characters around it.
    return encoded.slice(before.length === 0 ? 0 : 4, Math.floor(encoded.length / 4) * 4 - 4);
  });
  return [text, encodeURIComponent(text), ...inBase64];
}
