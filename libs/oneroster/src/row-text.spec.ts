import { describe, expect, it } from '@jest/globals';
import { rowText } from './row-text.js';

describe('a row that is kept as it came', () => {
  it('is without passwords and other secrets, however deep they are', () => {
    const row = {
      ...{ sourcedId: '', username: 'ada', password: 'hunter2', metadata: { 'sis.clientSecret': 'hunter2' } },
      userProfiles: [{ accessToken: 'hunter2', app: 'x' }],
    };
    expect(JSON.parse(rowText(row))).toEqual({
      ...{ sourcedId: '', username: 'ada', metadata: {} },
      userProfiles: [{ app: 'x' }],
    });
  });

  it('may be no object at all', () => {
    expect([null, 'text', [1, 'password'], undefined].map(rowText)).toEqual([
      'null',
      '"text"',
      '[1,"password"]',
      'null',
    ]);
  });
});
