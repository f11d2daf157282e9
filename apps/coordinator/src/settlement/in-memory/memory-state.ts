/*
 * What the in-memory ledger holds. Every value is replaced, never written to, so that what was handed out stays as it
 * was; every method is one instant. A district has at most one run that is not closed: the map of open runs says so.
 */
import type { EntityType, RunKey, SnapshotMoment } from '#contracts';
import type { PartitionState, Wish } from '../runs.js';
import {
  isClosed,
  type MemoryDistrict,
  type MemoryDrift,
  type MemoryEvent,
  type MemoryRun,
  type MemoryWish,
} from './memory-run.js';

const UNANNOUNCED = ['rejected', 'superseded', 'expired', 'aborted'];

export class MemoryState {
  readonly districts = new Map<string, MemoryDistrict>();
  readonly wishes = new Map<string, MemoryWish>();
  readonly partitions = new Map<number, PartitionState>();
  /** By nonce, the epoch each partition answered with. */
  readonly ready = new Map<string, Map<number, number>>();
  /** By district, then by type and partition: the highest generation that Postgres has passed. */
  readonly passed = new Map<string, Map<string, number>>();
  readonly drifts = new Map<string, MemoryDrift>();
  readonly openRuns = new Map<string, MemoryRun>();
  readonly closedRuns = new Map<string, MemoryRun>();
  /** Closed runs whose ABORT is owed. */
  readonly unannounced = new Map<string, MemoryRun>();
  /** Completed runs that Postgres has not passed. */
  readonly unpersisted = new Map<string, MemoryRun>();
  readonly lastCompleted = new Map<string, MemoryRun>();
  lease = { owner: '', until: 0 };
  events: readonly MemoryEvent[] = [];
  #eventId = 0;

  constructor(readonly now: () => number) {}

  find({ districtId, generation }: RunKey): MemoryRun | undefined {
    const open = this.openRuns.get(districtId);
    return open?.generation === generation ? open : this.closedRuns.get(keyOf({ districtId, generation }));
  }

  /** Stores a run where its state belongs. Throws if its district has another that is not closed. */
  put(run: MemoryRun): void {
    const { districtId, generation, state, markerAt, persisted } = run;
    const open = this.openRuns.get(districtId);
    const key = keyOf(run);
    if (!isClosed(run)) {
      if (open !== undefined && open.generation !== generation)
        throw new Error('two open runs of a district');
      this.openRuns.set(districtId, run);
      return;
    }
    if (open?.generation === generation) this.openRuns.delete(districtId);
    this.closedRuns.set(key, run);
    setIf(this.unannounced, key, run, UNANNOUNCED.includes(state) && markerAt === null);
    setIf(this.unpersisted, key, run, state === 'completed' && !persisted);
    const last = this.lastCompleted.get(districtId)?.generation ?? 0;
    if (state === 'completed' && generation >= last) this.lastCompleted.set(districtId, run);
  }

  /** Moves a run into a state, whose marker is then still to be sent, and tells of it if there is a moment. */
  move(run: MemoryRun, changes: Partial<MemoryRun>, at: number, moment?: SnapshotMoment, data = {}): true {
    this.put({ ...run, stateAt: at, markerAt: null, ...changes });
    if (moment !== undefined) this.tell(run, moment, at, data);
    return true;
  }

  tell({ districtId, generation }: RunKey, moment: SnapshotMoment, at: number, data: object): void {
    const time = new Date(at).toISOString();
    this.events = [...this.events, { id: (this.#eventId += 1), districtId, generation, moment, time, data }];
  }

  /** False if the district is suspended, unknown, or wishes for something already. */
  want(wish: Wish): boolean {
    const district = this.districts.get(wish.districtId);
    if (district?.suspended !== null || this.wishes.has(wish.districtId)) return false;
    this.wishes.set(wish.districtId, { ...wish, nonce: null, askedAt: 0, askedAgainAt: 0, trouble: null });
    return true;
  }

  changeDistrict(districtId: string, changes: Partial<MemoryDistrict>): void {
    const district = this.districts.get(districtId);
    if (district !== undefined) this.districts.set(districtId, { ...district, ...changes });
  }

  askRefresh(districtId: string, entityType: EntityType): void {
    const district = this.districts.get(districtId);
    if (district === undefined) return;
    const asks = (district.refreshDue[entityType] ?? 0) + 1;
    this.changeDistrict(districtId, { refreshDue: { ...district.refreshDue, [entityType]: asks } });
  }
}

export function keyOf({ districtId, generation }: RunKey): string {
  return `${districtId}/${generation}`;
}

function setIf<T>(map: Map<string, T>, key: string, value: T, isIn: boolean): void {
  if (isIn) map.set(key, value);
  else map.delete(key);
}
