import { describe, expect, it } from '@jest/globals';
import { keptOf, type ErasedRecords } from './erased-in-letters.js';
import type { LetterRow } from './letter-rows.js';
import { suppressionKey } from './suppressions.js';

const ID = 'a "b" \\ ä\n';
const erasedIn = (...districts: string[]): ErasedRecords =>
  new Map(districts.map((district) => [district, new Set([suppressionKey(district, 'users', ID)])]));

function letter(text: string, districtId: string | null = 'd'): LetterRow {
  const about = { districtId, generation: null, entityType: null, gg4lId: null, row: null };
  const place = { topic: 't', partition: 0, offset: '1', letterOffset: '1' };
  const contents = Buffer.from(text);
  return { ...about, ...place, id: 'x', service: 's', reason: 'r', contents, contentsBytes: 1, at: null };
}

describe('the contents of a dead letter', () => {
  it.each([
    ['a person by id', JSON.stringify({ user: ID })],
    ['a person in a list', JSON.stringify([['x', ID]])],
    ['a person behind a quote that does not pair', `he said " of ${JSON.stringify(ID)}`],
    ['a person where they are cut off', `{"user":${JSON.stringify(ID)},"class":"mat`],
  ])('are not kept where they name %s', (_name, text) => {
    const named = letter(text);
    expect(keptOf(named, erasedIn('d'))).toEqual([{ ...named, contents: null }]);
    expect(keptOf(named, erasedIn('e'))).toEqual([named]);
    const ofNoDistrict = letter(text, null);
    expect(keptOf(ofNoDistrict, erasedIn('e', 'd'))).toEqual([{ ...ofNoDistrict, contents: null }]);
  });

  it('are kept where they name nobody, or have the id within another text only', () => {
    for (const text of ['', '"', '\\"', '{"user":"x"}', JSON.stringify({ user: `${ID}!` })]) {
      const named = letter(text, null);
      expect(keptOf(named, erasedIn('d'))).toEqual([named]);
    }
  });

  it('are not kept of a raw message, whose ids stand between no quotes, while anybody is erased', () => {
    const raw = { ...letter('\x01\x11a person by id, not in quotes', null), topic: 'rollcall.raw.v1' };
    expect(keptOf(raw, erasedIn('d'))).toEqual([{ ...raw, contents: null }]);
    expect(keptOf(raw, new Map())).toEqual([raw]);
  });

  it('are not kept where it would take too long to tell, and are read in linear time', () => {
    const many = letter(JSON.stringify(Array.from({ length: 1_000 }, (_, n) => `id-${n}`)), null);
    expect(keptOf(many, erasedIn('d'))).toEqual([many]);
    expect(keptOf(many, erasedIn('d', 'e', 'f'))).toEqual([{ ...many, contents: null }]);
    const escaped = letter('\\"'.repeat(1_000_000));
    expect(keptOf(escaped, erasedIn('d'))).toEqual([escaped]);
  });
});
