import {
  hash64,
  NO_SCHOOL,
  recordHash,
  schoolHash,
  XorSum,
  type EntityType,
  type PerType,
  type RawMessage,
  type RawRecord,
} from '#contracts';

export const DISTRICT = 'maple-valley';

/** What a district shares of one type: GG4L ID to content; content 'withdrawn' and 'quarantined' set the flags. */
export type Shared = PerType<Readonly<Record<string, string>>>;

export function rawRecord(gg4lId: string, content: string, school?: string): RawRecord {
  return {
    gg4lId,
    fingerprint: Buffer.concat([hash64(content), hash64(`${content}!`)]),
    withdrawn: content === 'withdrawn',
    quarantined: content === 'quarantined',
    schoolHash: school === undefined ? NO_SCHOOL : schoolHash(school),
    dateLastModified: '',
    body: Buffer.from(JSON.stringify({ extensions: { content }, sourcedId: gg4lId })),
  };
}

/** BEGIN, RECORDS of at most three each, END: one snapshot as a fetcher writes it to its only partition. */
export function snapshotMessages(generation: number, shared: Shared): RawMessage[] {
  const run = { districtId: DISTRICT, generation };
  const messages: RawMessage[] = [{ kind: 'begin', ...run, openedAt: openedAt(generation), refresh: [] }];
  const tallies: Partial<Record<EntityType, { count: number; xor: string }>> = {};
  for (const [type, contents] of Object.entries(shared)) {
    const entityType = type as EntityType;
    const sum = new XorSum();
    const records = Object.entries(contents ?? {}).map(([gg4lId, content]) => {
      sum.add(recordHash(DISTRICT, entityType, gg4lId));
      return rawRecord(gg4lId, content);
    });
    for (let at = 0; at < records.length; at += 3) {
      messages.push({ kind: 'records', ...run, entityType, records: records.slice(at, at + 3) });
    }
    tallies[entityType] = { count: sum.count, xor: sum.hex };
  }
  messages.push({ kind: 'end', ...run, types: tallies });
  return messages;
}

export function applyAndSweep(generation: number): RawMessage[] {
  const run = { districtId: DISTRICT, generation };
  return [
    { kind: 'apply', ...run },
    { kind: 'sweep', ...run, orgs: [] },
  ];
}

export function openedAt(generation: number): string {
  return new Date(generation * 1000).toISOString();
}
