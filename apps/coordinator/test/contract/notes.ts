import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type Report } from '#contracts';
import { AT, CLOSED, DISTRICT, NOW, OPEN, type MakeLedger } from './ledger-under-contract.js';

const passed = (generation: number, partition: number): Report[] =>
  ENTITY_TYPES.map((entityType) => ({
    ...{ kind: 'passed', districtId: DISTRICT, generation, partition, epoch: 2, entityType },
  }));

/** Notes on what was sent and seen of a run. */
export function contractOfNotes(make: MakeLedger): void {
  describe('a marker', () => {
    it.each(OPEN.filter((state) => state !== 'sweeping'))(
      'of another state is not noted for a run that is sweeping: %s',
      async (state) => {
        const of = await make();
        const run = await of.put(7, 'sweeping');
        await of.settlement.markerSent(run, state as 'read', NOW);
        expect((await of.find(run)).markerAt).toBeNull();
        await of.settlement.markerSent(run, 'sweeping', NOW);
        expect((await of.find(run)).markerAt).toBe(NOW);
      },
    );

    it.each([...OPEN, 'completed'] as const)('ABORT is not noted for a run that is %s', async (state) => {
      const of = await make();
      const run = await of.put(7, state);
      await of.settlement.announced(run, NOW);
      expect((await of.find(run)).markerAt).toBeNull();
      expect((await of.views.load(NOW)).unannounced).toEqual([]);
    });

    it.each(CLOSED.filter((state) => state !== 'completed'))(
      'ABORT is owed by a run that is %s until it is noted',
      async (state) => {
        const of = await make();
        const run = await of.put(7, state);
        const owed = async () => (await of.views.load(NOW)).unannounced.map(({ generation }) => generation);
        expect(await owed()).toEqual([7]);
        await of.settlement.announced(run, NOW);
        expect(await owed()).toEqual([]);
      },
    );
  });

  describe('an event of a run', () => {
    it('is shown until it is noted as published', async () => {
      const of = await make();
      const run = await of.put(7, 'held', { hold: 'sweep' });
      await of.settlement.reject(run, 'a'.repeat(64), 'who', 'why', NOW);
      const [event] = (await of.views.load(NOW)).events;
      expect(event).toMatchObject({ ...run, moment: 'rejected', data: { reason: 'why' } });
      await of.settlement.published([(event?.id ?? 0) + 1], NOW);
      expect(await of.moments()).toEqual(['rejected']);
      await of.settlement.published([event?.id ?? 0], NOW);
      expect(await of.moments()).toEqual([]);
      expect((await of.views.load(NOW)).events).toEqual([]);
    });
  });

  describe('a run in Postgres', () => {
    it('is one that completed and of which every watermark was passed, told once', async () => {
      const of = await make();
      await of.put(6, 'rejected');
      const run = await of.put(7, 'completed');
      await of.reports.record([...passed(7, 0), ...passed(7, 1).slice(1), ...passed(6, 1)], AT);
      expect(await of.settlement.notePersisted(14, NOW)).toEqual([]);
      await of.reports.record(passed(7, 1).slice(0, 1), AT);
      expect(await of.settlement.notePersisted(14, NOW)).toEqual([run]);
      expect((await of.find(run)).persisted).toBe(true);
      expect(await of.settlement.notePersisted(14, NOW)).toEqual([]);
    });

    it('is awaited from its completion until it is noted', async () => {
      const of = await make();
      const isAwaited = async () => (await of.views.load(NOW)).awaitsPersister;
      await of.put(6, 'rejected');
      expect(await isAwaited()).toBe(false);
      await of.put(7, 'completed');
      expect(await isAwaited()).toBe(true);
      await of.reports.record(passed(7, 0), AT);
      await of.settlement.notePersisted(7, NOW);
      expect(await isAwaited()).toBe(false);
    });

    it('is also one whose watermarks were overtaken by later ones, whatever their order', async () => {
      const of = await make();
      const run = await of.put(7, 'completed');
      await of.reports.record([...passed(8, 0), ...passed(8, 1), ...passed(7, 0), ...passed(7, 1)], AT);
      expect(await of.settlement.notePersisted(14, NOW)).toEqual([run]);
    });
  });

  describe('a completed run', () => {
    it('ends the refresh of the types it refreshed, if they were not asked for again since', async () => {
      const of = await make();
      await of.putRefresh('orgs', 2);
      await of.putRefresh('users', 2);
      await of.putRefresh('courses', 2);
      const run = await of.put(7, 'sweeping', { refreshAsks: { orgs: 2, users: 2, courses: 1 } });
      await of.settlement.complete(run, ['users', 'courses'], NOW);
      expect(await of.refreshes()).toEqual({ courses: 2, orgs: 2 });
    });
  });
}
