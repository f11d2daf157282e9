import { describe, expect, it } from '@jest/globals';
import type { RunSummary } from '#ledger';
import type { DistrictView } from './district-view.js';
import { escapeHtml } from './html.js';
import { renderPage } from './page.js';
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
  quarantined: 0,
  warnings: 0,
};
const NOTHING_FOUND: RunView['found'] = {
  ...{
    unreadable: {},
    quarantined: {},
    erased: {},
    quarantinedRecords: {},
    warnings: {},
    masked: {},
    maskedBefore: null,
  },
  ...{ notGranted: [], notAllowed: [] },
};
const held: RunView = {
  ...run,
  districtId: 'd-1',
  why: 'too many',
  hold: 'sweep',
  proof: [],
  quirks: [],
  found: NOTHING_FOUND,
  stillThere: {},
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

const district: DistrictView = {
  districtId: EVIL,
  name: EVIL,
  state: 'suspended',
  reason: EVIL,
  readyStamp: EVIL,
  settings: {},
  wanted: { cause: EVIL, dryRun: false, dueAt: EVIL, failures: 0, trouble: EVIL },
  lastRun: run,
  refreshes: [],
  drifts: [],
  completedAt: EVIL,
  lateSince: EVIL,
  blackout: { from: EVIL, until: EVIL },
  quirks: [EVIL],
};

const EMPTY = { districts: [], runs: [], held: [], notice: null };

describe('the console page', () => {
  it('shows a held plan with its counts, its digest, the names behind it and a way to decide', () => {
    const page = renderPage({ ...EMPTY, held: [held] });
    for (const shown of ['too many', 'a'.repeat(64), 'Elm School: 4', 'Ada Lovelace', 'u-1'])
      expect(page).toContain(shown);
    expect(page).toContain('action="/decisions/d-1/7"');
    expect(page).not.toContain('http-equiv="refresh"');
  });

  it('shows what reading found: quarantined records with the reason, warnings, masked users, what was not read', () => {
    const found: RunView['found'] = {
      ...NOTHING_FOUND,
      erased: { users: 3, enrollments: 12 },
      ...{ quarantined: { classes: 21 }, notAllowed: ['demographics'], notGranted: ['courses'] },
      quarantinedRecords: { classes: [{ gg4lId: EVIL, attribute: 'school', reason: 'not a reference' }] },
      warnings: { users: { email: { masked: 7 }, familyName: { missing: 2, empty: 1 } } },
      masked: { users: { records: 100, masked: 90 } },
      maskedBefore: { users: { records: 99, masked: 1 } },
    };
    const page = renderPage({ ...EMPTY, held: [{ ...held, found }] });
    for (const shown of [
      ...['21 classes', 'and 20 more', escapeHtml(EVIL), 'school: not a reference', 'masked: 7'],
      ...['missing: 2, empty: 1', '90 of 100 users came masked, 1 of 99 before', 'demographics', 'courses'],
      'Left out because they were erased: 3 users, 12 enrollments.',
    ])
      expect(page).toContain(shown);
    expect(page).not.toContain(EVIL);
    expect(renderPage({ ...EMPTY, held: [held] })).not.toContain('quarantined records');
  });

  it('counts quarantined records and warnings of the last runs', () => {
    const page = renderPage({ ...EMPTY, runs: [{ ...run, quarantined: 4321, warnings: 98765 }] });
    expect(page).toContain('4321');
    expect(page).toContain('98765');
  });

  it('shows what was found of each point of the proof, and who is still there', () => {
    const proof = [
      { point: 5, state: 'proven', finding: 'References close.' },
      { point: 6, state: 'failed', finding: 'One is still there.' },
    ] as const;
    const page = renderPage({ ...EMPTY, held: [{ ...held, proof, stillThere: { users: ['u-9'] } }] });
    for (const shown of ['1 of 2 points proven', 'References close.', 'One is still there.', 'users u-9'])
      expect(page).toContain(shown);
  });

  it('says so when there is no district, and looks again by itself', () => {
    const page = renderPage(EMPTY);
    expect(page).toContain('No district is known yet');
    expect(page).toContain('No run was opened yet');
    expect(page).toContain('http-equiv="refresh"');
  });

  it('shows with a held plan what its source needed', () => {
    const quirks = ['limit clamped', EVIL];
    const page = renderPage({ ...EMPTY, held: [{ ...held, quirks }] });
    expect(page).toContain(`Its source: limit clamped, ${escapeHtml(EVIL)}.`);
  });

  it('tells of masked users and demographics in one sentence', () => {
    const masked = { users: { records: 9, masked: 8 }, demographics: { records: 7, masked: 6 } };
    const page = renderPage({ ...EMPTY, held: [{ ...held, found: { ...NOTHING_FOUND, masked } }] });
    expect(page).toContain('Privacy Shield: 8 of 9 users came masked; 6 of 7 demographics came masked.');
  });

  it('shows what the source of a district needed', () => {
    const quirks = ['limit clamped', 'no totals'];
    const page = renderPage({ ...EMPTY, districts: [{ ...district, quirks }] });
    expect(page).toContain('its source: limit clamped, no totals');
  });

  it('tells that a decision came too late', () => {
    expect(renderPage({ ...EMPTY, notice: 'undecidable' })).toContain(
      'Not decided: the run is not held any more',
    );
  });

  it('takes nothing from a district for HTML', () => {
    const proof = [{ point: 1, state: EVIL as 'failed', finding: EVIL }] as const;
    const view = { ...held, ...run, guard: [{ sentence: EVIL }], proof, stillThere: { users: [EVIL] } };
    const page = renderPage({ districts: [district], runs: [run], held: [view], notice: null });
    expect(page).not.toContain('<script');
    expect(page).toContain(escapeHtml(EVIL));
  });

  it('escapes every character that means something in HTML', () => {
    expect(escapeHtml(`<>&"'`)).toBe('&#60;&#62;&#38;&#34;&#39;');
  });
});
