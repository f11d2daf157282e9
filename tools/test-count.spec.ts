import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countCases } from './test-count.js';

describe('counting the cases of a Jest run', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-count-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const report = (passed: number, failed: number, broken: number): string => {
    const path = join(folder, 'report.json');
    const content = { numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: broken };
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it('takes the cases as they are', () => {
    expect(countCases(report(7, 2, 0), 1)).toEqual({ passed: 7, failed: 2 });
  });

  it('counts a suite that could not run as failed', () => {
    expect(countCases(report(7, 0, 1), 1)).toEqual({ passed: 7, failed: 1 });
  });

  it('never calls a run good that ended badly', () => {
    expect(countCases(report(7, 0, 0), 1)).toEqual({ passed: 7, failed: 1 });
    expect(countCases(join(folder, 'none.json'), 0)).toEqual({ passed: 0, failed: 1 });
  });
});
