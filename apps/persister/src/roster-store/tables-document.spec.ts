import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { tablesDocument } from './tables-document.js';

describe('docs/tables.md', () => {
  it('says what the tables and their comments say: run `npm run tables` after a change', () => {
    const committed = readFileSync(new URL('../../../../docs/tables.md', import.meta.url), 'utf8');
    expect(committed).toBe(tablesDocument());
  });
});
