/*
 * One partition as a consumer group sees it: its committed offset and who owns it now. A member that lost the
 * partition learns it at its next heartbeat or commit, a zombie not at all until it commits.
 */
import type { PartitionLog, Entry } from './partition-log.js';
import type { Actor, Scheduler } from './scheduler.js';
import type { Random } from './random.js';
import { young } from './young.js';

/** What a handler is given of its batch, as the services' own consumers get it. */
export interface Turn {
  heartbeat(): Promise<void>;
  isLive(): boolean;
  commit(next: bigint): Promise<void>;
  seek(offset: bigint): void;
}

export type Handler<M> = (entries: readonly Entry<M>[], end: number, turn: Turn) => Promise<void>;

/** The partition was given to another member. */
export class PartitionLostError extends Error {}

/** Thrown so often that its stack would cost more than all the rest. */
const LOST = new PartitionLostError();
const MAX_BATCH = 12;
/** Who is far behind is mostly given more at once. */
const LARGE_BATCH = 80;
const SMALL_ONE_IN = 2;

export class Subscription<M> {
  committed = 0;
  owner: Actor | null = null;
  #serial = 0;

  constructor(
    readonly log: PartitionLog<M>,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
  ) {}

  /** Gives the partition to a member, which begins at the committed offset. */
  assign(owner: Actor, handler: Handler<M>): void {
    this.#serial += 1;
    this.owner = owner;
    this.log.wakeAll();
    this.#consume(owner, this.#serial, handler).catch((error: unknown) => {
      if (!(error instanceof PartitionLostError)) this.scheduler.fail(error);
    });
  }

  async #consume(owner: Actor, serial: number, handle: Handler<M>): Promise<void> {
    let next = this.committed;
    for (;;) {
      await this.scheduler.step(owner);
      if (serial !== this.#serial || !owner.isAlive) return;
      const end = this.log.end;
      // Of a log that was made anew: out of range, and so from its start.
      if (next > end) next = this.log.start;
      const entries = this.log.read(
        next,
        end,
        1 + this.random.below(this.random.oneIn(SMALL_ONE_IN) ? MAX_BATCH : LARGE_BATCH),
      );
      if (entries.length === 0) {
        next = Math.max(next, end);
        this.scheduler.rest();
        await new Promise<void>((resolve) => this.log.onNext(resolve));
        continue;
      }
      let sought = false;
      const turn: Turn = {
        // No step of its own: what follows it waits for its turn before it has an effect.
        heartbeat: young(async () => {
          if (serial !== this.#serial && owner.isAlive) throw LOST;
        }),
        isLive: young(() => serial === this.#serial || !owner.isAlive),
        commit: young(async (offset) => {
          await this.scheduler.step(owner);
          if (serial !== this.#serial) throw LOST;
          this.committed = Number(offset);
          if (!sought) next = Number(offset);
        }),
        seek: young((offset) => {
          sought = true;
          next = Number(offset);
        }),
      };
      await handle(entries, end, turn);
    }
  }
}
