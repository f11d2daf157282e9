import { describe, expect, it } from '@jest/globals';
import type { DistrictSummary, RunSummary } from '#ledger';
import { escapeHtml, renderPage } from './page.js';
import type { RunView } from './run-view.js';

const EVIL = `<script>alert("x")</script>'&`;
const run: RunSummary = {
  districtId: EVIL,
  generation: 7,
  state: 'held',
  why: EVIL,
  cause: 'asked',
  attempt: 1,
  dryRun: false,
  digest: 'a'.repeat(64),
  openedAt: EVIL,
  stateAt: EVIL,
  closedAt: null,
  retryAt: null,
  persisted: false,
};
const held: RunView = {
  ...run,
  districtId: 'd-1',
  why: 'too many',
  hold: 'sweep',
  proof: [],
  guard: [],
  decision: null,
  types: { users: { created: 1, updated: 2, restored: 3, archived: 4, unchanged: 5, quarantined: 6 } },
  progress: {},
  applied: {},
  partitions: [],
  stale: [
    {
      entityType: 'users',
      count: 4,
      schools: [{ school: 'Elm School', count: 4 }],
      names: [{ gg4lId: 'u-1', name: 'Ada Lovelace' }],
    },
  ],
};

describe('the console page', () => {
  it('shows a held plan with its counts, its digest and the names behind it', () => {
    const page = renderPage([], [], [held]);
    for (const shown of ['too many', 'a'.repeat(64), 'Elm School', 'Ada Lovelace (u-1)'])
      expect(page).toContain(shown);
  });

  it('takes nothing from a district for HTML', () => {
    const district: DistrictSummary = {
      districtId: EVIL,
      name: EVIL,
      state: 'suspended',
      reason: EVIL,
      readyStamp: EVIL,
      settings: {},
      wanted: { cause: EVIL, dryRun: false, dueAt: EVIL, failures: 0, trouble: EVIL },
      lastRun: run,
      refreshes: [{ entityType: 'users', askedAt: EVIL }],
      drifts: [],
    };
    const page = renderPage([district], [run], [{ ...held, ...run }]);
    expect(page).not.toContain('<script');
    expect(page).toContain(escapeHtml(EVIL));
  });

  it('escapes every character that means something in HTML', () => {
    expect(escapeHtml(`<>&"'`)).toBe('&#60;&#62;&#38;&#34;&#39;');
  });
});
