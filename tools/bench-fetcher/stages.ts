/*
 * CPU of the fetcher's stages over the same pages, one stage after the other for each page, as the fetcher works. What
 * a whole read takes beyond them is the sending.
 */
import { hash } from 'node:crypto';
import { encodeRawMessage, ENTITY_TYPES, partitionOf, recordHash, type EntityType } from '#contracts';
import { readRecord, type RecordReading } from '#oneroster';
import { IdSet } from '../../apps/fetcher/src/packing/id-set.js';
import { contentOf, RecordPacker, toRawRecord } from '../../apps/fetcher/src/packing/record-packer.js';
import { rowsOf, type CapturedPages } from './captured-pages.js';

type Read = Extract<RecordReading, { kind: 'record' }>;
export type Stage = 'parse' | 'readAndCanonicalise' | 'fingerprint' | 'identifyAndPack';
export type StageFigures = Readonly<Record<Stage, number>>;

const RUN = { districtId: 'bench', generation: 1 };
/** Of a larger district every n-th page is enough. */
const MOST_RECORDS = 200_000;

/** Microseconds of CPU per record, garbage collection in them. */
export function measureStages(pages: CapturedPages, partitions: number): StageFigures {
  walk(pages, partitions); // compiled before it is measured
  const { records, spent } = walk(pages, partitions);
  const { parse, readAndCanonicalise, fingerprint, identifyAndPack } = spent;
  return {
    parse: parse / records,
    // Reading hashes too; the pass over the hashes alone says how much of it that is.
    readAndCanonicalise: (readAndCanonicalise - fingerprint) / records,
    fingerprint: fingerprint / records,
    identifyAndPack: identifyAndPack / records,
  };
}

export function cpuMicroseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

function walk(
  pages: CapturedPages,
  partitions: number,
): { readonly records: number; readonly spent: Record<Stage, number> } {
  const spent = { parse: 0, readAndCanonicalise: 0, fingerprint: 0, identifyAndPack: 0 };
  const timed = <T>(stage: Stage, work: () => T): T => {
    const before = process.cpuUsage();
    const result = work();
    spent[stage] += cpuMicroseconds(before);
    return result;
  };
  const every = Math.ceil(pages.records / MOST_RECORDS);
  let records = 0;
  for (const type of ENTITY_TYPES) {
    const pack = packing(type, partitions);
    for (const bytes of pages.bytesOf(type, every)) {
      const rows = timed('parse', () => rowsOf(type, bytes));
      const read = timed('readAndCanonicalise', () => rows.map((row) => recordOf(type, row)));
      timed('fingerprint', () => read.forEach(({ canonical }) => void hash('sha256', canonical, 'buffer')));
      timed('identifyAndPack', () => read.forEach(pack));
      records += rows.length;
    }
  }
  return { records, spent };
}

function packing(type: EntityType, partitions: number): (reading: Read) => void {
  const ids = new IdSet();
  const put = ({ placed }: Parameters<ConstructorParameters<typeof RecordPacker>[3]>[0]): void =>
    void encodeRawMessage(placed.message);
  const packer = new RecordPacker(RUN, type, partitions, put);
  return (reading) => {
    const record = toRawRecord(reading);
    const idHash = recordHash(RUN.districtId, type, record.gg4lId);
    if (ids.meet(idHash, contentOf(record)) === 'first') packer.add(partitionOf(idHash, partitions), record);
  };
}

function recordOf(type: EntityType, row: unknown): Read {
  const found = readRecord(type, row);
  if (found.kind !== 'record') throw new Error(`the sandbox gave a record that is ${found.kind}`);
  return found;
}
