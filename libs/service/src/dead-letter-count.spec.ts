import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { deadLetterCount } from './dead-letter-count.js';
import { Metrics } from './metrics.js';

describe('dead letters', () => {
  it('are counted from 0 for every type and for none, before there was one', async () => {
    const metrics = new Metrics('spec');
    const count = deadLetterCount(metrics);
    for (const type of [...ENTITY_TYPES, '']) {
      expect(await metrics.text()).toContain(`rollcall_dead_letters_total{type="${type}",service="spec"} 0`);
    }
    count('users', 3);
    deadLetterCount(metrics);
    expect(await metrics.text()).toContain('rollcall_dead_letters_total{type="users",service="spec"} 3');
  });
});
