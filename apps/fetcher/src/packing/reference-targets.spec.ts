import { describe, expect, it } from '@jest/globals';
import { ReferenceTargets } from './reference-targets.js';

describe('reference targets', () => {
  it('are known by type and id, as they are spelled', () => {
    const targets = new ReferenceTargets();
    targets.add('users', 'Ä-1');
    targets.add('users', 'Ä-1');
    expect(targets.has('users', 'Ä-1')).toBe(true);
    expect(targets.has('users', 'ä-1')).toBe(false);
    expect(targets.has('orgs', 'Ä-1')).toBe(false);
  });

  it('never forgets one while it grows, and knows hardly any that was not added', () => {
    const targets = new ReferenceTargets();
    const numbers = Array.from({ length: 100_000 }, (_, n) => n);
    for (const n of numbers) targets.add('classes', `class-${n}`);
    expect(numbers.every((n) => targets.has('classes', `class-${n}`))).toBe(true);
    const wrong = numbers.filter((n) => targets.has('classes', `other-${n}`)).length;
    expect(wrong).toBeLessThan(50);
  });
});
