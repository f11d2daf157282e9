import { expect, it } from '@jest/globals';
import { applyAndSweep, snapshotMessages } from '../../test/district.fixture.js';
import { inMemory } from '../../test/partition.ground.js';

it('APPLY takes turns of half a second, and a heartbeat follows each slice', async () => {
  const ground = inMemory();
  await ground.ask();
  const users = Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`id ${at}`, 'v1']));
  const said: string[] = [];
  ground.atFailpoint = (name) => {
    if (name !== 'reconciler.after-slice') return;
    said.push('slice');
    ground.now += 300;
  };
  const loop = ground.loopWith((turn) => ({
    heartbeat: async () => void said.push('heartbeat'),
    seek: (offset) => (said.push('back'), turn.seek(offset)),
  }));
  ground.logs.append(...snapshotMessages(10, { users }));
  await ground.follow(loop);
  said.length = 0;
  ground.logs.append(...applyAndSweep(10).slice(0, 1));
  await ground.follow(loop);
  const twice = ['slice', 'heartbeat', 'slice', 'heartbeat'];
  expect(said).toEqual([...twice, 'back', ...twice, 'heartbeat']);
});
