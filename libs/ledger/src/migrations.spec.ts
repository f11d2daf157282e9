import { expect, it } from '@jest/globals';
import { MIGRATIONS } from './migrations.js';

it('migrations are numbered from 1 without a gap or a repeat', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, at) => at + 1));
});
