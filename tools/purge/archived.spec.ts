import { describe, expect, it } from '@jest/globals';
import { purgeArchived } from './archived.js';
import { DistrictBusyError } from './quiet-district.js';
import type { Removal } from './removal.js';

const BEFORE = new Date('2026-01-01T00:00:00.000Z');
const archivedBefore = BEFORE.toISOString();

async function purge(of: Removal['purge'], ...districts: readonly string[]) {
  const lines: unknown[] = [];
  const warnings: string[] = [];
  const output = {
    line: (text: string) => void lines.push(JSON.parse(text)),
    warn: (text: string) => void warnings.push(text),
  };
  return { code: await purgeArchived({ purge: of }, districts, BEFORE, output), lines, warnings };
}

describe('a purge of what was archived long ago', () => {
  it('passes by a district of which a run is open, goes on with those behind it, and says so', async () => {
    const { code, lines, warnings } = await purge(
      async (districtId) => {
        if (districtId === 'b') throw new DistrictBusyError('b: run 7 is not closed');
        return { users: 2 };
      },
      ...['a', 'b', 'c'],
    );
    expect(code).toBe(4);
    expect(lines).toEqual([
      { districtId: 'a', archivedBefore, removed: { users: 2 } },
      { districtId: 'b', archivedBefore, busy: true },
      { districtId: 'c', archivedBefore, removed: { users: 2 } },
    ]);
    expect(warnings).toEqual(['b: run 7 is not closed; try again later']);
  });

  it('is done where no district is busy', async () => {
    expect(await purge(async () => ({}), 'a')).toEqual({
      code: 0,
      lines: [{ districtId: 'a', archivedBefore, removed: {} }],
      warnings: [],
    });
  });

  it('ends at once where something else goes wrong', async () => {
    const broken = purge(() => Promise.reject(new Error('no leader')), 'a', 'b');
    await expect(broken).rejects.toThrow('no leader');
  });
});
