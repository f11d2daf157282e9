import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Ground } from './support/ground.js';

describe('a day after the other, from School Passport to Postgres', () => {
  let ground: Ground;
  let districtId: string;

  beforeAll(async () => {
    ground = await Ground.open('acts');
    await ground.startServices();
    districtId = await ground.firstDistrict();
  });
  afterEach(() => ground.expectEqual(districtId));
  afterAll(() => ground.close());

  it('a record present in a complete snapshot reaches Postgres as it is shared', async () => {
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.types.users).toMatchObject({ created: 88, updated: 0, archived: 0 });
  });
});
