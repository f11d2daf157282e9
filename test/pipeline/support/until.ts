import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;
export const WITHIN_MS = 30_000;

export type Look<T> = () => Promise<T | null | false> | T | null | false;

/** Resolves with the first answer that is neither null nor false; throws, naming what it waited for, when none comes. */
export async function until<T>(what: string, look: Look<T>, withinMs = WITHIN_MS): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== false) return seen;
    if (Date.now() >= giveUpAt) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await pause(LOOK_AGAIN_MS);
  }
}
