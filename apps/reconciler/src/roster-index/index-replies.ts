import { ENTITY_TYPES, type EntityType } from '#contracts';
import type {
  Digest,
  DistrictView,
  GroupView,
  IndexView,
  KeptReports,
  Mode,
  Position,
  SnapshotState,
  StaleRecord,
} from '../reconciliation/index-state.js';
import { NonsenseError } from '../reconciliation/partition-stopped.errors.js';
import { decodeEntries } from './entry-codec.js';

type Packed = readonly [entries: Buffer, marks: Buffer];
type District = readonly [snapshot: readonly Buffer[], digest: readonly Buffer[], whole: number];

/** Reply of `read.script.ts`. */
export type ReadReply =
  | readonly []
  | readonly [
      position: readonly (Buffer | null)[],
      districts: readonly District[],
      groups: readonly Packed[],
    ];

/** Reply of `records.script.ts`. */
export type RecordsReply = readonly [ids: readonly Buffer[], entries: Buffer, marks: Buffer];

const SEEN = 's'.charCodeAt(0);
const WITHDRAWN = 'w'.charCodeAt(0);

export function toIndexView(reply: ReadReply, districtIds: readonly string[]): IndexView {
  if (reply.length === 0) return { position: null, districts: new Map(), incomplete: [], groups: [] };
  const [fields, districts, groups] = reply;
  return {
    position: toPosition(fields.map((field) => String(field ?? ''))),
    districts: new Map(
      districts.flatMap((district, i) => {
        const districtId = districtIds[i];
        return districtId === undefined ? [] : [[districtId, toDistrictView(district)]];
      }),
    ),
    incomplete: districtIds.filter((_, i) => districts[i]?.[2] !== 1),
    groups: groups.map(toGroupView),
  };
}

/** One that was set before positions named their fence has it at 0, by nobody: no log that still begins there holds it. */
function toPosition([epoch, mode, next = '', applyNext = '', fencedAt, fencedBy = '']: string[]): Position {
  return {
    epoch: Number(epoch),
    mode: mode as Mode,
    next: toOffset(next),
    applyNext,
    fencedAt: toOffset(fencedAt || '0'),
    fencedBy,
  };
}

export function toRecords([ids, entries, marks]: RecordsReply): StaleRecord[] {
  const decoded = decodeEntries(entries);
  return ids.map((id, i) => {
    const entry = decoded[i];
    if (entry === undefined || entry === null)
      throw new NonsenseError('an active id has no entry in the index');
    return { gg4lId: id.toString(), entry, withdrawn: marks[i] === WITHDRAWN };
  });
}

function toGroupView([entries, marks]: Packed): GroupView {
  const marked = Array.from(marks, (mark) =>
    mark === SEEN ? 'seen' : mark === WITHDRAWN ? 'withdrawn' : null,
  );
  return { entries: decodeEntries(entries), marked };
}

function toDistrictView([snapshot, digest]: District): DistrictView {
  const fields = toFields(snapshot);
  const sums = toFields(digest);
  const state = fields.get('state');
  const digests: Partial<Record<EntityType, Digest>> = {};
  const archived: Partial<Record<EntityType, number>> = {};
  for (const type of ENTITY_TYPES) {
    const [active, xor] = [sums.get(`${type}.active`), sums.get(`${type}.xor`)];
    if (active !== undefined && xor !== undefined) digests[type] = { active: Number(active), xor };
    const count = fields.get(`archived.${type}`);
    if (count !== undefined) archived[type] = Number(count);
  }
  return {
    snapshot: state === undefined ? null : (parse(state) as SnapshotState),
    reports: toReports(fields),
    digests,
    archived,
  };
}

function toReports(fields: ReadonlyMap<string, string>): KeptReports {
  const kept = (['planned', 'applied', 'failed'] as const).flatMap((kind) => {
    const report = fields.get(kind);
    return report === undefined ? [] : [[kind, parse(report)] as const];
  });
  return Object.fromEntries(kept);
}

function toFields(flat: readonly Buffer[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]));
  return fields;
}

function toOffset(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new NonsenseError('the position in the index is no offset');
  return BigInt(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NonsenseError('a snapshot in the index cannot be read');
  }
}
