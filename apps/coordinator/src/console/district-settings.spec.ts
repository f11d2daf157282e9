import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { SettingsRequest } from './bodies.js';

const isTaken = (settings: object): boolean =>
  validateSync(plainToInstance(SettingsRequest, settings), { whitelist: true, forbidNonWhitelisted: true })
    .length === 0;

describe('the settings of a district', () => {
  it.each([
    ['days', { from: '2026-07-01', until: '2026-07-01' }, true],
    ['instants', { from: '2026-07-01T08:00:00+02:00', until: '2026-07-01T07:00:00Z' }, true],
    ['a day and an instant', { from: '2026-07-01', until: '2026-07-01T07:00:00Z' }, true],
    ['an end before its start', { from: '2026-07-02', until: '2026-07-01' }, false],
    ['an instant of no zone', { from: '2026-07-01T08:00:00', until: '2026-07-02' }, false],
    ['a day that does not exist', { from: '2026-02-30', until: '2026-07-02' }, false],
    ['no end', { from: '2026-07-01' }, false],
  ])('with a blackout of %s are taken or refused', (_, blackout, taken) => {
    expect(isTaken({ blackouts: [blackout] })).toBe(taken);
  });

  it('have whole hours to be late after', () => {
    expect([1, 24, 0, 1.5].map((lateAfterHours) => isTaken({ lateAfterHours }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
