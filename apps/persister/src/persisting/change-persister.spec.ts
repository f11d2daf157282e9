import { describe, expect, it } from '@jest/globals';
import { ChangePersister } from './change-persister.js';
import { decodeEntries } from './decode-entries.js';
import type { FoldedChanges } from './fold-changes.js';
import { RefusedRowsError, type Outlet, type RosterStore } from './ports.js';
import { encodeSampleWatermark, sampleEntries } from './sample-changes.js';

const place = { topic: 'roster.users.v1', entityType: 'users', partition: 0 } as const;

/** Remembers what was asked of store and outlet, in order; refuses records named `poison…`, fails when told to. */
class Ledger implements RosterStore, Outlet {
  readonly steps: string[] = [];
  failure: Error | undefined;

  async write(_type: string, _partition: number, { records, archives }: FoldedChanges): Promise<number> {
    if (this.failure) throw this.failure;
    const ids = [...records, ...archives].map(({ event }) => event.subject);
    if (ids.some((id) => id.startsWith('poison'))) throw new RefusedRowsError('cannot be held');
    this.steps.push(`write ${ids.join(' ')}`);
    return ids.length;
  }

  async report(reports: Parameters<Outlet['report']>[0]): Promise<void> {
    this.steps.push(...reports.map(({ generation }) => `passed ${generation}`));
  }

  async deadLetter(letters: Parameters<Outlet['deadLetter']>[0]): Promise<void> {
    for (const { origin } of letters) {
      this.steps.push(`dead letter ${origin.kind === 'message' ? origin.offset : 'of a row'}`);
    }
  }
}

const watermark = (offset: number, generation: number) =>
  decodeEntries('users', [{ offset: BigInt(offset), value: encodeSampleWatermark('users', generation) }]);

describe('a step of the persister', () => {
  it('reports a watermark only after everything above it is stored', async () => {
    const ledger = new Ledger();
    const entries = [
      ...sampleEntries('users', [{ verb: 'created', id: 'a', generation: 5 }]),
      ...watermark(1, 5),
      ...sampleEntries('users', [{ verb: 'created', id: 'b', generation: 6 }], 2),
      ...watermark(3, 6),
    ];
    const applied = await new ChangePersister(ledger, ledger).apply(place, entries);
    expect(ledger.steps).toEqual(['write a b', 'passed 5', 'passed 6']);
    expect(applied.passed[0]).toEqual({
      kind: 'passed',
      districtId: 'district-1',
      generation: 5,
      entityType: 'users',
      partition: 0,
      epoch: 1,
    });
  });

  it('reports nothing when the store fails for a moment, and lets the error through unchanged', async () => {
    const ledger = new Ledger();
    ledger.failure = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    const entries = [
      ...sampleEntries('users', [{ verb: 'created', id: 'a', generation: 5 }]),
      ...watermark(1, 5),
    ];
    await expect(new ChangePersister(ledger, ledger).apply(place, entries)).rejects.toBe(ledger.failure);
    expect(ledger.steps).toEqual([]);
  });

  it('makes dead letters of refused records only, and stores all others in order', async () => {
    const ledger = new Ledger();
    const ids = ['a', 'b', 'poison-1', 'c', 'd', 'e', 'poison-2', 'f'];
    const entries = sampleEntries(
      'users',
      ids.map((id) => ({ verb: 'created', id, generation: 5 })),
      100,
    );
    const applied = await new ChangePersister(ledger, ledger).apply(place, entries);
    const writes = ledger.steps.filter((step) => step.startsWith('write '));
    expect(writes.flatMap((step) => step.split(' ').slice(1))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(ledger.steps.slice(writes.length)).toEqual(['dead letter 102', 'dead letter 106']);
    expect(applied).toMatchObject({ written: 6, deadLetters: 2 });
  });

  it('makes dead letters of what it cannot read, and goes on', async () => {
    const ledger = new Ledger();
    const entries = [
      ...decodeEntries('users', [{ offset: 7n, value: Buffer.from('{}') }]),
      ...sampleEntries('users', [{ verb: 'created', id: 'a', generation: 5 }], 8),
    ];
    await new ChangePersister(ledger, ledger).apply(place, entries);
    expect(ledger.steps).toEqual(['write a', 'dead letter 7']);
  });
});
