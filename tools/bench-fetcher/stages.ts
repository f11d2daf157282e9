/*
 * CPU of the fetcher's stages, each from a pass over the same pages that does one stage more than the pass before.
 * What a whole read takes beyond the last pass is the sending.
 */
import { encodeRawMessage, ENTITY_TYPES, partitionOf, recordHash, type EntityType } from '#contracts';
import { fingerprintOf, readRecord, type RecordReading } from '#oneroster';
import { IdSet } from '../../apps/fetcher/src/packing/id-set.js';
import { RecordPacker, toRawRecord } from '../../apps/fetcher/src/packing/record-packer.js';
import { rowsOf, type CapturedPages } from './captured-pages.js';

type Read = Extract<RecordReading, { kind: 'record' }>;
type Pass = (type: EntityType) => (rows: readonly unknown[]) => void;

export type Stage = 'parse' | 'readAndCanonicalise' | 'fingerprint' | 'identifyAndPack';
export type StageFigures = Readonly<Record<Stage, number>>;

/** Of a larger district every n-th page is enough. */
const MOST_RECORDS = 200_000;
const RUN = { districtId: 'bench', generation: 1 };

/** Microseconds of CPU per record. */
export function measureStages(pages: CapturedPages, partitions: number): StageFigures {
  const packed = packing(partitions);
  for (const pass of [parsing, reading, hashing, packed]) cpuOf(pages, pass); // compiled before it is measured
  const parse = cpuOf(pages, parsing);
  const read = cpuOf(pages, reading);
  const fingerprint = cpuOf(pages, hashing) - read;
  const pack = cpuOf(pages, packed) - read;
  return { parse, readAndCanonicalise: read - parse - fingerprint, fingerprint, identifyAndPack: pack };
}

export function cpuMicroseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

function cpuOf(pages: CapturedPages, pass: Pass): number {
  const every = Math.ceil(pages.records / MOST_RECORDS);
  let records = 0;
  const before = process.cpuUsage();
  for (const type of ENTITY_TYPES) {
    const take = pass(type);
    for (const bytes of pages.bytesOf(type, every)) {
      const rows = rowsOf(type, bytes);
      take(rows);
      records += rows.length;
    }
  }
  return cpuMicroseconds(before) / records;
}

const parsing: Pass = () => () => undefined;

const reading: Pass = (type) => (rows) => {
  for (const row of rows) recordOf(type, row);
};

/** Reads, and hashes once more. */
const hashing: Pass = (type) => (rows) => {
  for (const row of rows) fingerprintOf(recordOf(type, row).canonical);
};

function packing(partitions: number): Pass {
  return (type) => {
    const ids = new IdSet();
    const packer = new RecordPacker(
      RUN,
      type,
      partitions,
      ({ placed }) => void encodeRawMessage(placed.message),
    );
    return (rows) => {
      for (const row of rows) {
        const record = toRawRecord(recordOf(type, row));
        const hash = recordHash(RUN.districtId, type, record.gg4lId);
        if (ids.meet(hash, record.fingerprint) === 'first') packer.add(partitionOf(hash, partitions), record);
      }
    };
  };
}

function recordOf(type: EntityType, row: unknown): Read {
  const found = readRecord(type, row);
  if (found.kind !== 'record') throw new Error(`the sandbox gave a record that is ${found.kind}`);
  return found;
}
