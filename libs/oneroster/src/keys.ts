import { cleanText, quote } from './text.js';

/** What is to be known of an object's key, worked out once per spelling. */
export interface Key {
  /** The key without what UTF-8 and Postgres cannot carry. */
  readonly name: string;
  /** Whether that is how it was spelled. */
  readonly clean: boolean;
  /** `"name":` */
  readonly text: string;
  /** `href`, the name of a secret, or of the credentials of a user's profile: never kept. */
  readonly dropped: boolean;
}

const SECRET = /passw|passphrase|passcode|pwd$|secrets?$|tokens?$|(api|private|secret)key$/;
/** By itself or behind a dot: `teachingCredentials` is something else. */
const CREDENTIALS = /(^|\.)credentials?$/i;
const SEPARATORS = /[^a-z0-9]/g;

/** Sources use few keys, but nothing stops one from using many: then the memory is emptied. */
const MAX_REMEMBERED = 2_000;
const MAX_REMEMBERED_LENGTH = 100;
const remembered = new Map<string, Key>();

export function readKey(key: string): Key {
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const name = cleanText(key);
  const plain = name.toLowerCase().replace(SEPARATORS, '');
  const read = {
    name,
    clean: name === key,
    text: `${quote(name)}:`,
    dropped: plain === 'href' || SECRET.test(plain) || CREDENTIALS.test(name),
  };
  if (key.length > MAX_REMEMBERED_LENGTH) return read;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, read);
  return read;
}
