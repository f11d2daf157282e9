import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './ports.js';

export class SystemClock implements Clock {
  elapsedMs(): number {
    return performance.now();
  }

  timestamp(): string {
    return new Date().toISOString();
  }

  async delay(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, undefined, { signal });
  }
}
