/*
 * What is on its way to the log: gathered into large sends, with bounded bytes in flight, so that memory does not grow
 * with a collection while the next page is read. The first failure is kept and thrown at the next wait; nothing is
 * sent after it, nor once `assertLive` throws.
 */
import type { Placed, RawLog } from '../ports.js';
import type { Packed } from './record-packer.js';

export interface OutboxLimits {
  /** A send is made from this many bytes on. */
  readonly sendBytes: number;
  readonly inFlightBytes: number;
}

export const OUTBOX_LIMITS: OutboxLimits = { sendBytes: 1024 * 1024, inFlightBytes: 4 * 1024 * 1024 };

export interface OutboxHooks {
  /** Throws when nothing may be published any more. */
  readonly assertLive: () => void;
  readonly onAcknowledged?: (messages: readonly Placed[]) => void;
}

export class Outbox {
  private gathered: Placed[] = [];
  private gatheredBytes = 0;
  private inFlightBytes = 0;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly log: RawLog,
    private readonly hooks: OutboxHooks,
    private readonly limits: OutboxLimits = OUTBOX_LIMITS,
  ) {}

  put({ placed, bytes }: Packed): void {
    this.gathered.push(placed);
    this.gatheredBytes += bytes;
    if (this.gatheredBytes >= this.limits.sendBytes) this.send();
  }

  /** Counts anything else on its way against the same limit. */
  track(publish: () => Promise<void>, bytes: number): void {
    this.hooks.assertLive();
    if (this.failure !== undefined) return;
    this.inFlightBytes += bytes;
    const settled = publish()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.inFlightBytes -= bytes;
        this.inFlight.delete(settled);
      });
    this.inFlight.add(settled);
  }

  /** Waits until there is room for more. Throws what went wrong meanwhile. */
  async room(): Promise<void> {
    while (this.inFlightBytes > this.limits.inFlightBytes && this.failure === undefined) {
      await Promise.race(this.inFlight);
    }
    this.rethrow();
  }

  /** Sends what is gathered and waits until everything is acknowledged. Throws what went wrong. */
  async drain(): Promise<void> {
    this.send();
    await Promise.all(this.inFlight);
    this.rethrow();
  }

  private send(): void {
    if (this.gathered.length === 0) return;
    const messages = this.gathered;
    const bytes = this.gatheredBytes;
    this.gathered = [];
    this.gatheredBytes = 0;
    this.track(async () => {
      await this.log.append(messages);
      this.hooks.onAcknowledged?.(messages);
    }, bytes);
  }

  private rethrow(): void {
    this.hooks.assertLive();
    if (this.failure !== undefined) throw this.failure.error;
  }
}
