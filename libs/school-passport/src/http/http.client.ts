/*
 * The only place that speaks HTTP. A client belongs to one credential: its requests share a lane (how many at once, and
 * what the source asked to wait) and a budget of retries. `forCredential` makes the next one over the same connections.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SchoolPassportError } from '../school-passport.errors.js';
import { Lane, type LaneSign } from './lane.js';
import { RetryBudget } from './retry-budget.js';
import { DEFAULT_RETRY, isOverload, waitBeforeRetry, type RetrySettings } from './retry.js';
import {
  Transport,
  type HttpAnswer,
  type HttpRequest,
  type Outcome,
  type TransportSettings,
} from './transport.js';

export type { HttpAnswer, HttpRequest } from './transport.js';

export interface HttpSettings extends TransportSettings {
  readonly retry: RetrySettings;
  /** Retries in hand for all requests of one credential together. */
  readonly retries: number;
  /** Most requests of one credential at once. */
  readonly concurrency: number;
}

export const DEFAULT_HTTP: HttpSettings = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 15_000,
  timeoutMs: 60_000,
  maxBodyBytes: 64 * 1024 * 1024,
  hosts: [],
  privateNetworks: [],
  retry: DEFAULT_RETRY,
  retries: 60,
  concurrency: 4,
};

export class HttpClient {
  private readonly settings: HttpSettings;
  private readonly lane: Lane;
  private readonly budget: RetryBudget;
  private readonly transport: Transport;

  constructor(settings: Partial<HttpSettings> = {}, transport?: Transport) {
    this.settings = { ...DEFAULT_HTTP, ...settings };
    const { concurrency, retry, retries } = this.settings;
    this.lane = new Lane({ concurrency, maxRetryAfterMs: retry.maxRetryAfterMs });
    this.budget = new RetryBudget(retries);
    this.transport = transport ?? new Transport(this.settings);
  }

  forCredential(): HttpClient {
    return new HttpClient(this.settings, this.transport);
  }

  /** Requests that it sends at once, as of now. */
  get concurrency(): number {
    return this.lane.concurrency;
  }

  /**
   * Sends until an answer comes that is not worth another try; `next` builds each try, and learns of the error before
   * it. Gives any answer below 500 but 408, 425 and 429; throws SchoolPassportError for the rest.
   */
  async send(
    next: (attempt: number, last: SchoolPassportError | undefined) => HttpRequest,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    let last: SchoolPassportError | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.tryOnce((n) => next(n, last), attempt, signal);
      if (!(outcome instanceof SchoolPassportError)) return outcome;
      const waitMs = waitBeforeRetry(outcome, attempt, this.settings.retry, Math.random);
      if (waitMs === undefined) throw outcome;
      if (!this.budget.take()) throw usedUp(outcome);
      last = outcome;
      await pause(waitMs, outcome, signal);
    }
  }

  /** Ends the connections, those of every credential's client included. */
  close(): void {
    this.transport.close();
  }

  private async tryOnce(
    build: (attempt: number) => HttpRequest,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const place = await this.lane.enter(signal);
    let sign: LaneSign = 'nothing';
    try {
      // Built only now: a signature in it must be fresh.
      const outcome = await this.transport.attempt(build(attempt), attempt, signal);
      if (outcome instanceof SchoolPassportError) {
        if (isOverload(outcome)) sign = 'overload';
        if (outcome.retryAfterMs !== undefined) this.lane.hold(outcome.retryAfterMs);
      } else {
        sign = 'good';
        this.budget.answered();
      }
      return outcome;
    } finally {
      place.leave(sign);
    }
  }
}

function usedUp({ coordinates, code, retryAfterMs }: SchoolPassportError): SchoolPassportError {
  const message = `the source fails too often: no retries left, the last after ${code}`;
  return new SchoolPassportError('retry-budget', message, coordinates, retryAfterMs);
}

async function pause(ms: number, last: SchoolPassportError, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new SchoolPassportError('stopped', 'the request was stopped', last.coordinates);
  }
}
