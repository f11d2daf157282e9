/*
 * Whether the position in the index fits the raw log. One that does not (none, of an epoch below one that was seen,
 * above the log's end, below its start, of a log that was made anew since, or in the middle of an APPLY or SWEEP that is
 * not there) is not repaired: the partition is rebuilt. So is one that has lost keys of a district.
 */
import type { IndexView, Position } from './index-state.js';
import type { Moves } from './moves.js';
import type { LoopPorts, PlacedMessage } from './ports.js';
import { findRawFence } from './raw-fence.js';

export interface Unfit {
  readonly kind: 'unfit';
  /** The highest epoch known of the partition. */
  readonly floor: number;
  readonly why: string;
}
/** `found`: it is not where this loop left it; what was fetched before it was looked at may be of another log. */
export type Place = { readonly kind: 'at' | 'found'; readonly position: Position } | Unfit;

export class Placing {
  #highestEpoch = 0;

  constructor(
    private readonly partition: number,
    private readonly logs: LoopPorts['logs'],
    private readonly moves: Moves,
  ) {}

  /** `end`: of the log when the batch was read; the log is asked again before it is believed. */
  async place(view: IndexView, segment: readonly PlacedMessage[], end: bigint): Promise<Place> {
    const { position } = view;
    const first = segment[0]?.offset ?? 0n;
    if (position === null) return this.#unfit('it has no position');
    if (position.epoch < this.#highestEpoch) return this.#unfit('its epoch is below one seen before');
    this.#highestEpoch = position.epoch;
    if (position.next > end || position.next < first) {
      const ends = await this.logs.rawEnds(this.partition);
      if (position.next > ends.end) return this.#unfit('its position is above the end of the raw log');
      if (position.next < ends.start) return this.#unfit('its position is below the start of the raw log');
    }
    if (position.next < first || !this.moves.isWhereLeft(position)) return this.#find(position);
    const [incomplete] = view.incomplete;
    if (incomplete !== undefined) return this.#unfit(`the index has lost keys of district ${incomplete}`);
    if (!isCarriedOn(position, segment, view)) {
      return this.#unfit(
        `its position is in mode ${position.mode}, and the raw log holds no such marker there`,
      );
    }
    return { kind: 'at', position };
  }

  /** Another began a higher epoch than the index holds. */
  outrun(): Unfit {
    return this.#unfit('another reconciler began an epoch that the index does not hold');
  }

  /** The coordinator has heard of an epoch whose fence is not in the raw log: that was lost, or made anew. */
  unfenced(epoch: number): Unfit {
    this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
    return this.#unfit('its epoch is below one that the coordinator heard of');
  }

  /** Another worker moved it, or Redis went back: it fits only a log that holds its fence, or is cut above it. */
  async #find(position: Position): Promise<Place> {
    const { epoch, fencedAt, fencedBy } = position;
    const fence = { epoch, author: fencedBy, offset: fencedAt };
    if ((await findRawFence(this.logs, this.partition, fence)) === 'none')
      return this.#unfit('the raw log does not hold its fence, and was made anew');
    this.moves.takeUp(position);
    return { kind: 'found', position };
  }

  #unfit(why: string): Unfit {
    return { kind: 'unfit', floor: this.#highestEpoch, why };
  }
}

/** Between an APPLY or SWEEP begun and ended, the position is at its marker; a marker is a segment of its own. */
function isCarriedOn(position: Position, segment: readonly PlacedMessage[], view: IndexView): boolean {
  const [first] = segment;
  const last = segment.at(-1);
  if (position.mode === 'follow' || first === undefined || last === undefined) return true;
  if (position.next < first.offset || position.next > last.offset) return true;
  const { message } = first;
  if (message?.kind !== (position.mode === 'apply' ? 'apply' : 'sweep')) return false;
  return view.districts.get(message.districtId)?.snapshot?.generation === message.generation;
}
