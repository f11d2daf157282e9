import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from './support/coordinator.client.js';
import { Ground } from './support/ground.js';

const TYPE = 'demographics';

/** Each case goes on from the one before. */
describe('before a record is archived, the source is asked for it', () => {
  let ground: Ground;
  let districtId: string;
  let ids: readonly string[];

  beforeAll(async () => {
    ground = await Ground.open('confirming');
    await ground.startServices();
    districtId = await ground.firstDistrict();
    expect((await run()).state).toBe('completed');
    ids = (await ground.sandbox.shared(districtId, TYPE)).map(({ sourcedId }) => sourcedId);
  });
  afterAll(() => ground.close());

  const run = (): Promise<RunView> => ground.coordinator.runToEnd(districtId);
  const pointOf = ({ proof }: RunView, point: number) => proof.find((one) => one.point === point);
  const remove = (sourcedId = '') =>
    ground.sandbox.edit(districtId, [{ verb: 'remove', type: TYPE, sourcedId }]);
  const archivedAt = async (id = '') => (await ground.rows.one(districtId, TYPE, id))?.archived_at;

  it('a snapshot in which nobody is absent has nobody to ask for', async () => {
    expect(pointOf(await run(), 6)).toMatchObject({ state: 'proven', finding: 'No record is absent.' });
  });

  it('a record that a page left out, but that the source still has, is archived by nobody', async () => {
    await ground.sandbox.fault({ kind: 'omit-record', districtId, entityType: TYPE });
    const held = await run();
    expect(held).toMatchObject({ state: 'held', attempt: 2, stillThere: { [TYPE]: [ids[1]] } });
    expect(pointOf(held, 6)).toMatchObject({
      ...{
        state: 'failed',
        finding: `Absent records asked for one by one: 1 of 1 ${TYPE}, 0 gone, 1 still there.`,
      },
    });
    expect(held.guard).toContainEqual(expect.objectContaining({ rule: 'proof', effect: 'sweep' }));
    const runs = await ground.coordinator.runs(districtId);
    expect(runs[1]).toMatchObject({ state: 'aborted', attempt: 1 });
    expect(runs[1]?.why).toMatch(/^proof: point 6: /);
    expect(await archivedAt(ids[1])).toBeNull();

    await ground.sandbox.noFaults();
    expect((await run()).state).toBe('completed');
    await ground.expectEqual(districtId);
  });

  it('a record that was removed is confirmed to be gone, and archived', async () => {
    await remove(ids[2]);
    const completed = await run();
    expect(completed).toMatchObject({ state: 'completed', attempt: 1, stillThere: {} });
    expect(pointOf(completed, 6)).toMatchObject({
      ...{ state: 'proven', finding: `Absent records asked for one by one: 1 of 1 ${TYPE}, 1 gone.` },
    });
    expect(await archivedAt(ids[2])).not.toBeNull();
    await ground.expectEqual(districtId);
  });

  it('a source that gives no single records confirms nothing and vetoes nothing', async () => {
    await remove(ids[3]);
    await ground.sandbox.fault({ kind: 'status', status: 405, target: 'record', districtId });
    const completed = await run();
    expect(completed.state).toBe('completed');
    expect(pointOf(completed, 6)).toMatchObject({ state: 'not available' });
    expect(pointOf(completed, 6)?.finding).toContain('(status 405)');
    expect(await archivedAt(ids[3])).not.toBeNull();
    await ground.sandbox.noFaults();
    await ground.expectEqual(districtId);
  });

  it('a source that says 404 to every single record confirms nothing', async () => {
    await remove(ids[4]);
    await ground.sandbox.fault({ kind: 'status', status: 404, target: 'record', districtId });
    expect(pointOf(await run(), 6)).toMatchObject({ state: 'not available' });
    await ground.sandbox.noFaults();
    await ground.expectEqual(districtId);
  });

  it('an id repeated with other content is read again once, and then holds the sweep', async () => {
    for (const kind of ['repeat-id', 'no-totals'])
      await ground.sandbox.fault({ kind, districtId, entityType: TYPE });
    const held = await run();
    expect(held).toMatchObject({ state: 'held', attempt: 2 });
    expect(pointOf(held, 4)).toMatchObject({
      ...{ state: 'failed', finding: `Rows that repeat an id with different content: 1 in ${TYPE}.` },
    });
    await ground.sandbox.noFaults();
    expect((await run()).state).toBe('completed');
    await ground.expectEqual(districtId);
  });
});
