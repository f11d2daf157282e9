import { toSafeUrl } from '../http/urls.js';
import { SchoolPassportError, SchoolPassportSettingsError } from '../school-passport.errors.js';

/** Reads one entry of the districts file field by field; whatever was not asked for in the end is refused. */
export class EntryFields {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly asked = new Set<string>();

  /** `place` begins every message. */
  constructor(
    value: unknown,
    private readonly place: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new SchoolPassportSettingsError(`${place} must be an object`);
    }
    this.fields = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return this.of(name) !== undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.wrong(`${name} must be a string that is not empty`);
  }

  optionalText(name: string): string | undefined {
    const value = this.of(name);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    return this.wrong(`${name} must be a string that is not empty`);
  }

  /** As it is, also empty. */
  label(name: string): string {
    const value = this.of(name) ?? '';
    return typeof value === 'string' ? value : this.wrong(`${name} must be a string`);
  }

  flag(name: string): boolean {
    const value = this.of(name) ?? false;
    return typeof value === 'boolean' ? value : this.wrong(`${name} must be true or false`);
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.of(name);
    if (value === undefined) return undefined;
    return words.find((word) => word === value) ?? this.wrong(`${name} must be one of ${words.join(', ')}`);
  }

  wholeNumber(name: string, least: number, most: number): number | undefined {
    const value = this.of(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    return this.wrong(`${name} must be a whole number from ${least} to ${most}`);
  }

  words(name: string): readonly string[] {
    const value = this.of(name) ?? [];
    if (
      Array.isArray(value) &&
      value.every((word) => typeof word === 'string' && /^[\x21-\x7e]+$/.test(word))
    )
      return value as string[];
    return this.wrong(`${name} must be a list of words`);
  }

  /** In the file, or in an environment variable that `<name>Env` names. */
  secret(name: string, env: Readonly<Record<string, string | undefined>>): string {
    const inFile = this.optionalText(name);
    const variable = this.optionalText(`${name}Env`);
    if (inFile !== undefined && variable !== undefined)
      this.wrong(`${name} and ${name}Env exclude each other`);
    if (variable === undefined) {
      return inFile ?? this.wrong(`${name} must be a string that is not empty (or be named by ${name}Env)`);
    }
    return env[variable] || this.wrong(`${name}Env must name an environment variable that is set`);
  }

  url(name: string, allowHttp: boolean): string {
    try {
      return toSafeUrl(name, this.text(name), allowHttp);
    } catch (error) {
      if (error instanceof SchoolPassportError) return this.wrong(error.message);
      throw error;
    }
  }

  /** A field that is misspelt would otherwise be left out without a word. */
  refuseOthers(): void {
    if (Object.keys(this.fields).every((name) => this.asked.has(name))) return;
    this.wrong(`a field that is not known; an entry of this kind has ${[...this.asked].join(', ')}`);
  }

  wrong(constraint: string): never {
    throw new SchoolPassportSettingsError(`${this.place}: ${constraint}`);
  }

  private of(name: string): unknown {
    this.asked.add(name);
    return this.fields[name] ?? undefined;
  }
}
