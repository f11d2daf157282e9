import { expect, it } from '@jest/globals';
import { DISTRICT, MINUTE_MS, type MakeWorld } from './world.js';

/** What partitions that are silent, busy, or of another epoch lead to. */
export function walkSilence(world: MakeWorld): void {
  it('opens nothing while a partition is silent, and asks it again', async () => {
    const w = await world();
    w.silent.add(1);
    await w.want();
    await w.settle();
    w.now += 10_000;
    await w.settle();
    expect(w.sent.map(({ partitions }) => partitions)).toEqual([[0, 1], [1]]);
    expect(await w.of.claim('fetcher')).toBeNull();
    w.silent.clear();
    w.now += 10_000;
    await w.settle();
    expect(await w.of.claim('fetcher')).not.toBeNull();
  });

  it('asks a partition again at once when it rebuilds', async () => {
    const w = await world();
    w.silent.add(1);
    await w.want();
    await w.settle();
    w.now += 100;
    w.report({ kind: 'rebuilding', partition: 1, epoch: 2 });
    w.epochs[1] = 2;
    await w.settle();
    w.silent.clear();
    await w.settle();
    expect(w.sent.at(-1)?.partitions).toEqual([1]);
  });

  it('gives an ASK up after a minute of silence and tries again later', async () => {
    const w = await world();
    w.silent.add(0);
    await w.want();
    await w.settle();
    w.now += MINUTE_MS;
    await w.settle();
    expect((await w.of.wish(DISTRICT))?.dueAt).toBe(w.now + MINUTE_MS);
    w.silent.clear();
    w.now += MINUTE_MS;
    await w.settle();
    expect(await w.of.claim('fetcher')).not.toBeNull();
  });

  it('ignores an answer of a lower epoch and aborts on one of a higher', async () => {
    const w = await world();
    w.epochs.fill(2);
    const run = await w.opened();
    await w.of.finish(run, []);
    w.epochs.fill(1);
    w.answerPlanned(run);
    await w.settle();
    expect(await w.state(run)).toBe('read');
    w.epochs[0] = 3;
    w.answerPlanned(run);
    await w.settle();
    expect(await w.of.find(run)).toMatchObject({
      state: 'aborted',
      reason: 'partition 0 went from epoch 2 to 3',
    });
  });

  it('tells every partition, with ASK, the highest epoch heard of it', async () => {
    const w = await world();
    w.epochs.fill(2);
    w.report({ kind: 'rebuilding', partition: 1, epoch: 2 });
    await w.settle();
    await w.opened();
    expect(w.sent[0]?.marker).toMatchObject({ kind: 'ask', epochs: { 1: 2 } });
  });

  it('aborts the runs of an older epoch when a partition rebuilds, and opens another by itself', async () => {
    const w = await world();
    const run = await w.opened();
    w.epochs[1] = 2;
    w.report({ kind: 'rebuilding', partition: 1, epoch: 2 });
    await w.settle();
    expect(await w.state(run)).toBe('aborted');
    const next = await w.claimed();
    await w.read(next);
    expect(await w.state(next)).toBe('completed');
  });

  it('sends a marker again after ten seconds to those who have not answered, and aborts after sixty', async () => {
    const w = await world();
    const run = await w.opened();
    w.silent.add(1);
    await w.read(run);
    w.now += 9_000;
    await w.settle();
    expect(w.sent).toHaveLength(1);
    w.now += 2_000;
    await w.settle();
    expect(w.sent.at(-1)).toMatchObject({ marker: { kind: 'ask' }, partitions: [1] });
    w.now += 45_000;
    w.report({ kind: 'busy', partition: 1, epoch: 1, phase: 'planning' });
    await w.settle();
    w.now += 59_999;
    await w.settle();
    expect(await w.state(run)).toBe('read');
    w.now += 1;
    await w.settle();
    expect((await w.of.find(run)).reason).toBe('no report of partition 1 for 60 s');
  });

  it('aborts a run for a partition that only answers ready, however often it is asked', async () => {
    const w = await world();
    const run = await w.opened();
    await w.of.finish(run, []);
    w.silent.add(1);
    w.answerPlanned(run);
    w.silent.clear();
    await w.settle();
    w.now += 1_000;
    for (let asked = 0; asked < 6; asked += 1) {
      expect(await w.state(run)).toBe('read');
      w.now += 10_000;
      await w.settle();
    }
    expect(await w.of.find(run)).toMatchObject({
      state: 'aborted',
      reason: 'no report of partition 1 for 60 s',
    });
    expect(w.sent.filter(({ marker }) => marker.kind === 'ask' && marker.run !== undefined)).toHaveLength(5);
  });

  it('lets one busy report count for every run that waits on its partition, and no report of a lower epoch', async () => {
    const w = await world();
    await w.of.addDistrict('d-2');
    w.epochs.fill(2);
    await w.want();
    await w.want({ districtId: 'd-2' });
    await w.settle();
    const runs = [await w.claimed(), await w.claimed()];
    w.silent.add(1);
    for (const run of runs) {
      await w.of.finish(run, []);
      w.answerPlanned(run);
    }
    await w.settle();
    w.now += 50_000;
    w.report({ kind: 'busy', partition: 1, epoch: 2, phase: 'applying' });
    await w.settle();
    w.now += 50_000;
    w.report({ kind: 'busy', partition: 1, epoch: 1, phase: 'applying' });
    await w.settle();
    expect(await Promise.all(runs.map((run) => w.state(run)))).toEqual(['read', 'read']);
    w.now += 10_000;
    await w.settle();
    expect(await Promise.all(runs.map((run) => w.state(run)))).toEqual(['aborted', 'aborted']);
  });
}
