import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { foldChanges } from '#roster-consumer';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { RemovalStore } from './removal.store.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const DISTRICT = 'district-1';

describe('an enrollment that the source gave to somebody else', () => {
  let scratch: ScratchRoster;
  let store: PostgresRosterStore;
  let removal: RemovalStore;
  let offset = 0;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    store = new PostgresRosterStore(scratch.database);
    removal = new RemovalStore(scratch.database);
  });
  afterAll(() => scratch.close());
  beforeEach(() => scratch.query('truncate roster.enrollments, roster.suppressions, roster.history'));

  async function put(generation: number, user?: string): Promise<void> {
    const attributes = { role: 'student', ...(user === undefined ? {} : { user }) };
    const changes = [{ verb: 'updated', id: 'e', generation, attributes } as const];
    const entries = sampleEntries('enrollments', changes, (offset += 1)).filter(
      ({ kind }) => kind === 'change',
    );
    await store.write('enrollments', 0, foldChanges(entries as never), []);
  }
  const erase = (theirs: readonly string[], others: readonly string[] = []) =>
    removal.suppressUser(DISTRICT, 't-1', 'receipt', theirs, others);
  const rows = () => scratch.query('select "user", role from roster.enrollments');
  const enrollmentsIn = ({ records }: Awaited<ReturnType<typeof erase>>) =>
    records.flatMap(({ entityType, gg4lId }) => (entityType === 'enrollments' ? [gg4lId] : []));

  it('is no part of the erasure of whoever had it before, also where its row is behind', async () => {
    await put(5, 't-1');
    expect(enrollmentsIn(await erase([], ['e']))).toEqual([]);
    await put(6, 't-2');
    expect(enrollmentsIn(await erase([]))).toEqual([]);
    expect(await rows()).toEqual([{ user: 't-2', role: 'student' }]);
  });

  it('is written in full though it is on the list with whoever had it before, and only then', async () => {
    await put(5, 't-1');
    expect(enrollmentsIn(await erase([]))).toEqual(['e']);
    await put(6, 't-1');
    expect(await rows()).toEqual([{ user: null, role: null }]);
    await put(7);
    expect(await rows()).toEqual([{ user: null, role: null }]);
    await put(8, 't-2');
    expect(await rows()).toEqual([{ user: 't-2', role: 'student' }]);
    expect(enrollmentsIn(await erase([], ['e']))).toEqual([]);
  });

  it('is not made again of what was forgotten', async () => {
    await put(5, 't-1');
    const { records } = await erase([]);
    const own = records.filter(({ entityType }) => entityType === 'enrollments');
    await removal.remove('enrollments', DISTRICT, own, { what: 'any', forget: true });
    await put(5, 't-1');
    expect(await rows()).toEqual([]);
    await put(6, 't-2');
    expect(await rows()).toEqual([{ user: 't-2', role: 'student' }]);
  });
});
