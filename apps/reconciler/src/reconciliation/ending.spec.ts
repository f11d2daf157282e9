import { describe, expect, it } from '@jest/globals';
import { applyAndSweep, DISTRICT, snapshotMessages } from '../../test/district.fixture.js';
import { contentsOf, inMemory } from '../../test/partition.ground.js';

describe('END of a snapshot whose marks the index has lost', () => {
  it.each([
    ['seen', { ann: 'a2', ben: 'b' }],
    ['withdrawn', { ann: 'a', ben: 'withdrawn' }],
  ] as const)(
    'is no plan (%s), whatever the counts say: nobody is archived, and the next run goes well',
    async (name, users) => {
      const ground = inMemory();
      await ground.ask();
      await ground.run(1, { users: { ann: 'a', ben: 'b', cyd: 'c' } });
      const before = ground.logs.changes.length;
      const messages = snapshotMessages(2, { users });
      ground.logs.append(...messages.slice(0, -1));
      await ground.follow();
      ground.index.loseMarks(0, DISTRICT, 'users', 2, name);
      ground.logs.append(...messages.slice(-1), ...applyAndSweep(2));
      await ground.follow();
      expect(ground.verbs(before)).toEqual([]);
      expect(ground.logs.reports.find(({ kind }) => kind === 'failed')).toMatchObject({
        marker: 'end',
        reason: 'the index has lost marks of the snapshot',
      });
      await ground.run(3, { users });
      expect(Object.keys(contentsOf(ground.logs))).toEqual(
        name === 'seen' ? ['users/ann', 'users/ben'] : ['users/ann'],
      );
    },
  );
});
