import { describe, expect, it } from '@jest/globals';
import { DEFINITIONS, digestOf } from './definitions.js';

/** Every version that was ever in force: add a line, never change one. */
const VERSIONS: readonly (readonly [name: string, version: number, digest: string])[] = [
  ['comments', 1, '6ae78f5cc87bcadccdca4d5fed784f3ef5f15f162e7cb68a1cfcf6d2f2062c6e'],
  ['roles', 1, '6e962354c2db451a12568520e1ce86c4004bc10d3e815958d8394cfb0f9f155d'],
];

describe('a definition', () => {
  it.each(DEFINITIONS)('$name that says something else has a higher version', (definition) => {
    const own = VERSIONS.filter(([name]) => name === definition.name);
    const newest = own.reduce((highest, [, version]) => Math.max(highest, version), 0);
    expect(definition.version).toBe(newest);
    expect(own.filter(([, version]) => version === newest)).toEqual([
      [definition.name, definition.version, digestOf(definition)],
    ]);
  });
});
