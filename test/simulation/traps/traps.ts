/*
 * Troubles that come together so seldom by chance that some guards are never missed: each trap brings one about on
 * purpose, at the instant for which a guard is there. With the guard in place it is one more crash, loss or delay like
 * the others, and nothing may go wrong.
 */
import { Random } from '../world/random.js';
import { PullCut, ReaderReplaced } from './pull-traps.js';
import { EventBetweenFences, LogOutgrowsPosition } from './rebuild-traps.js';
import { RebuiltByTwo } from './rebuilt-by-two.js';
import { RedisBackInNewLog } from './redis-back-in-new-log.js';
import { RedisBackInRead } from './redis-back-in-read.js';
import type { Trap } from './trap.js';

export const TRAP_KINDS = [
  'redis-back-in-read',
  'redis-back-in-new-log',
  'event-between-fences',
  'log-outgrows-position',
  'rebuilt-by-two',
  'reader-replaced',
  'pull-cut',
] as const;
export type TrapKind = (typeof TRAP_KINDS)[number];

const SALT = 0x7a9;

/** `onSprung` is told once it has done what it is there for. */
export function trapOf(kind: TrapKind, seed: number, onSprung: () => void): Trap {
  const random = new Random(~seed ^ SALT);
  switch (kind) {
    case 'redis-back-in-read':
      return new RedisBackInRead(onSprung);
    case 'redis-back-in-new-log':
      return new RedisBackInNewLog(onSprung);
    case 'event-between-fences':
      return new EventBetweenFences(random, onSprung);
    case 'log-outgrows-position':
      return new LogOutgrowsPosition(random, onSprung);
    case 'rebuilt-by-two':
      return new RebuiltByTwo(random, onSprung);
    case 'reader-replaced':
      return new ReaderReplaced(random, onSprung);
    case 'pull-cut':
      return new PullCut(random, onSprung);
  }
}
