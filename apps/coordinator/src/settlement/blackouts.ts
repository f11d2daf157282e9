/**
 * A time in which nothing is pulled by schedule. Each end is an instant (RFC 3339) or a date, which stands for its
 * whole day, UTC: `until` a date includes that day.
 */
export interface Blackout {
  readonly from: string;
  readonly until: string;
}

/** As the ledger holds them: null counts as left out. */
export type Blackouts = readonly (Blackout | null)[] | null | undefined;

interface Span {
  readonly startAt: number;
  readonly endAt: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** In milliseconds, its end not included. */
export function spanOf({ from, until }: Blackout): Span {
  return { startAt: Date.parse(from), endAt: Date.parse(until) + (DATE.test(until) ? DAY_MS : 0) };
}

/** The blackout that lasts longest of those in force; null if none is. */
export function blackoutAt(blackouts: Blackouts, now: number): Blackout | null {
  const inForce = given(blackouts).filter((blackout) => {
    const { startAt, endAt } = spanOf(blackout);
    return startAt <= now && now < endAt;
  });
  return inForce.sort((a, b) => spanOf(b).endAt - spanOf(a).endAt)[0] ?? null;
}

/** How much of the time from `startAt` to `endAt` was blacked out; what overlaps counts once. */
export function blackedOutMs(blackouts: Blackouts, startAt: number, endAt: number): number {
  const spans = given(blackouts)
    .map(spanOf)
    .sort((a, b) => a.startAt - b.startAt);
  let countedTo = startAt;
  let sum = 0;
  for (const span of spans) {
    const from = Math.max(span.startAt, countedTo);
    const to = Math.min(span.endAt, endAt);
    if (to <= from) continue;
    sum += to - from;
    countedTo = to;
  }
  return sum;
}

/** Whether a wish that is due must wait for the end of a blackout. What somebody asked for goes on, tries at once too. */
export function isHeldBack(
  wish: {
    readonly cause: string;
    readonly retries: string;
    readonly settings: { readonly blackouts?: Blackouts };
  },
  now: number,
): boolean {
  if (wish.cause === 'asked' || wish.retries === 'at-once') return false;
  return blackoutAt(wish.settings.blackouts, now) !== null;
}

function given(blackouts: Blackouts): Blackout[] {
  return (blackouts ?? []).filter((blackout) => blackout !== null);
}
