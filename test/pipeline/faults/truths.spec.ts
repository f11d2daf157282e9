import { describe, expect, it } from '@jest/globals';
import type { Copies } from '../support/equality.js';
import { Truths } from './truths.js';

const ARCHIVED = (...archived: string[]): Copies =>
  ({ users: { active: new Map(), archived } }) as unknown as Copies;

describe('what bears out an archive', () => {
  const truths = new Truths();
  truths.note({ districtId: 'd', generation: 5 }, ARCHIVED('gone'));
  truths.note({ districtId: 'd', generation: 9 }, ARCHIVED('left'));
  const bearsOut = (generation: number, id: string) =>
    truths.bearsOut({ districtId: 'd', generation }, 'users', id);

  it('is what the source shared in its generation, however late it is repeated', () => {
    expect(bearsOut(5, 'gone')).toBe(true);
    expect(bearsOut(9, 'gone')).toBe(false);
    expect(bearsOut(5, 'left')).toBe(false);
  });

  it('is, of an aborted run, what the next completed one read', () => {
    expect(bearsOut(7, 'left')).toBe(true);
    expect(bearsOut(7, 'gone')).toBe(false);
  });

  it('is not known before a run is completed, nor of a district that was never read', () => {
    expect(bearsOut(10, 'left')).toBeNull();
    expect(truths.bearsOut({ districtId: 'other', generation: 5 }, 'users', 'gone')).toBeNull();
  });
});
