import { mkdtempSync, appendFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { encodeSample, sampleEntries, type SampleChange } from '../../test/sample-changes.js';
import { MemoryChangeLog } from '../../test/memory.change-log.js';
import { describeRosterStore } from '../../test/roster-store.contract.js';
import { archived, created, updated } from '../../test/sample-log.js';
import { foldChanges } from '../following/fold-changes.js';
import { RefusedRowsError } from '../following/ports.js';
import { FileState } from './file.state.js';
import { HandlerStore } from './handler.store.js';
import type { ChangeHandlers, RecordChange } from './handlers.js';
import { MemoryState } from './memory.state.js';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-state-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const path = () => join(folder, `${(files += 1)}.jsonl`);

const refusing = ({ record }: RecordChange): void => {
  if (record['startDate'] === 'never') throw new RefusedRowsError('never');
};
const REFUSING: ChangeHandlers = { created: refusing, updated: refusing, restored: refusing };

const overMemory = async () => new HandlerStore({ academicSessions: REFUSING }, new MemoryState());
const overFile = async () => new HandlerStore({ academicSessions: REFUSING }, await FileState.open(path()));
describeRosterStore('handlers over a state in memory', overMemory, false);
describeRosterStore('handlers over a state in a file', overFile, false);

/** Handlers of users that note what they were called with. */
class Witness {
  readonly seen: string[] = [];
  failAt: string | undefined;
  readonly handlers = {
    users: {
      created: (change: RecordChange) => this.note(change),
      updated: (change: RecordChange) => this.note(change),
      restored: (change: RecordChange) => this.note(change),
      archived: (change: { verb: string; gg4lId: string; generation: number; cause?: string }) =>
        this.note(change),
    },
  };

  private note(change: { verb: string; gg4lId: string; generation: number; cause?: string }): void {
    const said = `${change.verb} ${change.gg4lId} ${change.generation}${change.cause ? ` ${change.cause}` : ''}`;
    if (said === this.failAt) throw new Error('the network is away');
    this.seen.push(said);
  }
}

const write = (store: HandlerStore, ...changes: readonly SampleChange[]) => {
  const entries = sampleEntries('users', changes).filter((entry) => entry.kind === 'change');
  return store.write('users', 0, foldChanges(entries), []);
};

describe('handlers', () => {
  it('are told which attributes changed, and when a restored record had been archived, where the event is', async () => {
    const told: unknown[] = [];
    const note = ({ verb, changed, archivedAt }: RecordChange): void =>
      void told.push({ verb, changed, archivedAt });
    const store = new HandlerStore({ users: { updated: note, restored: note } }, new MemoryState());
    const archivedAt = '2025-12-31T00:00:00.000Z';
    await write(store, { verb: 'updated', id: 'a', generation: 1, changed: ['givenName', 'orgs'] });
    await write(store, { verb: 'restored', id: 'a', generation: 2, archivedAt });
    expect(told).toEqual([
      { verb: 'updated', changed: ['givenName', 'orgs'] },
      { verb: 'restored', archivedAt },
    ]);
  });

  it('are called with every change of an id, in order, and with no repeat or late one', async () => {
    const { handlers, seen } = new Witness();
    const store = new HandlerStore(handlers, new MemoryState());
    await write(
      store,
      created('a', 5),
      updated('a', 6),
      created('a', 5),
      archived('a', 7, { cause: 'withdrawn' }),
    );
    await write(store, updated('a', 6), { ...created('a', 8), verb: 'restored' });
    expect(seen).toEqual(['created a 5', 'updated a 6', 'archived a 7 withdrawn', 'restored a 8']);
  });

  it('are told whether the id was handed out before', async () => {
    const known: boolean[] = [];
    const note = ({ isKnown }: RecordChange): void => void known.push(isKnown);
    const store = new HandlerStore({ users: { created: note, updated: note } }, new MemoryState());
    await write(store, updated('a', 5), updated('a', 6), created('b', 6));
    expect(known).toEqual([false, true, false]);
  });

  it('are not called again for what came before one that failed', async () => {
    const witness = new Witness();
    const store = new HandlerStore(witness.handlers, new MemoryState());
    witness.failAt = 'created b 5';
    await expect(write(store, created('a', 5), created('b', 5))).rejects.toThrow('the network is away');
    witness.failAt = undefined;
    expect(await write(store, created('a', 5), created('b', 5))).toBe(1);
    expect(witness.seen).toEqual(['created a 5', 'created b 5']);
  });

  it('are told of a record that is gone for good, also of one that was never handed out, and not of one that came after', async () => {
    const gone: string[] = [];
    const state = new MemoryState();
    const store = new HandlerStore({ users: { forgotten: ({ gg4lId }) => void gone.push(gg4lId) } }, state);
    const forget = (gg4lId: string, offset: bigint) =>
      store.write(
        'users',
        0,
        foldChanges([{ kind: 'tombstone', offset, districtId: 'district-1', gg4lId }]),
        [],
      );
    await write(store, created('other', 1), created('a', 5));
    await forget('a', 0n);
    expect(gone).toEqual([]);
    await forget('a', 9n);
    await forget('never', 10n);
    expect(gone).toEqual(['a', 'never']);
    expect(await state.find('users', 0, [{ districtId: 'district-1', gg4lId: 'a' }])).toEqual([undefined]);
    expect(await store.digest('district-1', 'users', 0)).toMatchObject({ active: 1 });
  });

  it('that refuse a change make it a dead letter; the others go on', async () => {
    const seen: string[] = [];
    const accept = ({ gg4lId }: RecordChange): void => {
      if (gg4lId === 'poison') throw new RefusedRowsError('cannot be held');
      seen.push(gg4lId);
    };
    const log = new MemoryChangeLog(new HandlerStore({ users: { created: accept } }, new MemoryState()));
    const ids = ['a', 'b', 'poison', 'c'];
    log.append(...ids.map((id) => encodeSample('users', created(id, 5))));
    await log.deliver(log.loop());
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(log.outlet.letters).toMatchObject([
      { reason: 'cannot be held', origin: { kind: 'message', offset: '2' } },
    ]);
  });
});

describe('a state in a file', () => {
  it('is what it was when it is opened again, and so is what it has passed', async () => {
    const file = path();
    const state = await FileState.open(file);
    const line = { districtId: 'd', entityType: 'users', partition: 0, generation: 5 } as const;
    await write(new HandlerStore({ users: {} }, state), created('a', 5), archived('a', 6), created('b', 6));
    await state.keep('users', 0, [], [{ epoch: 2, offset: 9n }]);
    await state.pass([line, { ...line, generation: 4 }]);
    await state.close();
    for (let opened = 0; opened < 2; opened += 1) {
      const again = await FileState.open(file);
      expect(await again.standing('users', 0)).toEqual(await state.standing('users', 0));
      expect(await again.digest('district-1', 'users', 0)).toEqual(
        await state.digest('district-1', 'users', 0),
      );
      expect(await again.digest('district-1', 'users', 0)).toMatchObject({ active: 1, highestGeneration: 6 });
      expect(await again.passed('d')).toEqual([line]);
      await again.close();
    }
  });

  it('does not know again what was forgotten when it is opened again', async () => {
    const file = path();
    const state = await FileState.open(file);
    const key = { districtId: 'district-1', gg4lId: 'a' };
    const store = new HandlerStore({ users: {} }, state);
    await write(store, created('a', 5), created('b', 5));
    await store.write('users', 0, foldChanges([{ kind: 'tombstone', offset: 7n, ...key }]), []);
    await state.close();
    const again = await FileState.open(file);
    expect(await again.find('users', 0, [key])).toEqual([undefined]);
    expect(await again.digest('district-1', 'users', 0)).toMatchObject({ active: 1 });
    await again.close();
  });

  it('passes over a last line that was not written whole', async () => {
    const file = path();
    const state = await FileState.open(file);
    await write(new HandlerStore({ users: {} }, state), created('a', 5));
    await state.close();
    appendFileSync(file, '{"call":"keep","entityType":"us');
    const again = await FileState.open(file);
    expect(await again.digest('district-1', 'users', 0)).toMatchObject({ active: 1 });
    await again.keep('users', 0, [], [{ epoch: 3, offset: 1n }]);
    await again.close();
    const third = await FileState.open(file);
    expect((await third.standing('users', 0)).fences).toEqual([{ epoch: 3, offset: 1n }]);
    await third.close();
  });

  it('forgets the records of a district, and no fence', async () => {
    const state = await FileState.open(path());
    await write(
      new HandlerStore({ users: {} }, state),
      created('a', 5),
      created('a', 5, { district: 'other' }),
    );
    await state.keep('users', 0, [], [{ epoch: 2, offset: 9n }]);
    await state.forget('district-1', 'users', 0);
    expect(await state.digest('district-1', 'users', 0)).toMatchObject({ active: 0, highestGeneration: 0 });
    expect(await state.digest('other', 'users', 0)).toMatchObject({ active: 1 });
    expect((await state.standing('users', 0)).fences).toEqual([{ epoch: 2, offset: 9n }]);
    await state.close();
  });
});
