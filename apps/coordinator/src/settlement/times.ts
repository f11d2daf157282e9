const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Every wait of the coordinator, in milliseconds. */
export interface Times {
  /** A marker without an answer is sent again. */
  readonly resendMs: number;
  /** A run is aborted (an ASK given up) after so long without any report of a partition it waits on. */
  readonly silenceMs: number;
  /** A run that no fetcher takes is aborted after so long in which none read anything. */
  readonly unclaimedMs: number;
  /** How long until partitions that did not answer are asked again. */
  readonly postponeMs: number;
  /** A held plan expires, well before the raw log does. */
  readonly heldMs: number;
  /** What a refresh has not mended is tried again after this; null: only runs that come anyway carry refreshes. */
  readonly refreshMs: number | null;
  /** Pauses after the first, second, … failed try; the last repeats. */
  readonly retryMs: readonly number[];
}

export const DEFAULT_TIMES: Times = {
  resendMs: 10 * SECOND_MS,
  silenceMs: 60 * SECOND_MS,
  unclaimedMs: 5 * MINUTE_MS,
  postponeMs: 60 * SECOND_MS,
  heldMs: 72 * 60 * MINUTE_MS,
  refreshMs: 15 * MINUTE_MS,
  retryMs: [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS],
};
