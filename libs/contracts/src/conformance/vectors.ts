/* Worked examples of the contract's arithmetic, for whoever writes it in another language. Ids and people are made up. */
import { createHash } from 'node:crypto';
import { changeEventId, changeKey } from '../change-messages.js';
import type { EntityType } from '../entity-types.js';
import { hash64, partitionOf, recordHash, watermarkTerm, XorSum } from '../hashes.js';

const DISTRICT = '5436ad48-ad48-4436-a766-1bf24a2ea1b5';
const IDS: readonly (readonly [EntityType, string])[] = [
  ['users', 's-1'],
  ['users', 'S-1'],
  ['users', 'Ünï/|+ %40 "\\'],
  ['enrollments', 's-1'],
];
const ACTIVE: readonly (readonly [string, string])[] = [
  ['s-1', '000102030405060708090a0b0c0d0e0f'],
  ['s-2', 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'],
  ['Ünï/|+ %40 "\\', '00000000000000000000000000000000'],
];
const CANONICAL =
  '{"familyName":"Sample","givenName":"Sam","orgs":["north"],"role":"student","sourcedId":"s-1"}';

export interface TestVectors {
  readonly hash64: readonly { readonly text: string; readonly hash64: string }[];
  readonly records: readonly {
    readonly districtId: string;
    readonly type: EntityType;
    readonly gg4lId: string;
    readonly key: string;
    readonly recordHash: string;
    readonly partitionOf12: number;
    readonly eventIdInGeneration1790000000: string;
  }[];
  readonly watermark: {
    readonly active: readonly {
      readonly gg4lId: string;
      readonly fingerprint: string;
      readonly term: string;
    }[];
    readonly count: number;
    readonly xor: string;
    readonly xorOfNone: string;
  };
  readonly fingerprint: { readonly canonicalRecord: string; readonly fingerprint: string };
}

export function testVectors(): TestVectors {
  const sum = new XorSum();
  const active = ACTIVE.map(([gg4lId, fingerprint]) => {
    const term = watermarkTerm(gg4lId, Buffer.from(fingerprint, 'hex'));
    sum.add(term);
    return { gg4lId, fingerprint, term: term.toString('hex') };
  });
  return {
    hash64: ['', 'a', 'Ünï', 'nul\0inside'].map((text) => ({ text, hash64: hash64(text).toString('hex') })),
    records: IDS.map(([type, gg4lId]) => {
      const hash = recordHash(DISTRICT, type, gg4lId);
      return {
        districtId: DISTRICT,
        type,
        gg4lId,
        key: changeKey(DISTRICT, type, gg4lId),
        recordHash: hash.toString('hex'),
        partitionOf12: partitionOf(hash, 12),
        eventIdInGeneration1790000000: changeEventId({
          districtId: DISTRICT,
          entityType: type,
          gg4lId,
          generation: 1_790_000_000,
        }),
      };
    }),
    watermark: { active, count: sum.count, xor: sum.hex, xorOfNone: new XorSum().hex },
    fingerprint: {
      canonicalRecord: CANONICAL,
      fingerprint: createHash('sha256').update(`1\n${CANONICAL}`).digest('hex').slice(0, 32),
    },
  };
}
