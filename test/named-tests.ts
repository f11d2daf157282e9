import { readFileSync } from 'node:fs';

interface NamedTest {
  readonly path: string;
  readonly name: string;
}

/** Names of tests, or of their rows or cases, each behind the path of its file: `a.spec.ts` "one", "another". */
export function testsNamedIn(text: string): readonly NamedTest[] {
  return [...text.matchAll(/`([\w/.-]+\.(?:spec|cases)\.ts)`((?: "[^"]+",?)+)/g)].flatMap(
    ([, path = '', quoted = '']) =>
      [...quoted.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ path, name })),
  );
}

export function isMissing({ path, name }: NamedTest): boolean {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  return !text.includes(`'${name}'`) && !text.includes(`"${name}"`);
}
