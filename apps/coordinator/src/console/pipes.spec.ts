import { describe, expect, it } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import { GenerationPipe, StorableTextPipe } from './pipes.js';

describe("a run's number in a path", () => {
  const read = (text: string): Promise<number> =>
    new GenerationPipe().transform(text, { type: 'param', metatype: Number, data: 'generation' });

  it('is a whole number above 0', async () => {
    expect(await read('1790000000')).toBe(1_790_000_000);
  });

  it.each(['0', '-1', '1.5', 'x', '', '9007199254740993', '99999999999999999999'])(
    'is refused as %j',
    async (text) => {
      await expect(read(text)).rejects.toBeInstanceOf(BadRequestException);
    },
  );
});

describe('what is asked of the admin API', () => {
  const taken = (value: unknown): unknown => new StorableTextPipe().transform(value);
  const deep = (levels: number): unknown => (levels === 0 ? 'x' : [deep(levels - 1)]);

  it.each([undefined, null, 7, true, 'Zoë 😀', { why: 'a', allow: { types: ['orgs'] } }, deep(16)])(
    'is passed on as it is: %j',
    (value) => {
      expect(taken(value)).toBe(value);
    },
  );

  it.each([
    'a\0b',
    '\ud800',
    { who: '\0' },
    { allow: { attributes: { users: ['a\udc00'] } } },
    { 'na\0me': 1 },
    deep(17),
  ])('is refused where Postgres could not hold it: %j', (value) => {
    expect(() => taken(value)).toThrow(BadRequestException);
  });
});
