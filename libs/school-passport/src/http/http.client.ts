/*
 * The only place that speaks HTTP. One request, its retries, and nothing else: bodies come back as bytes, redirects
 * are not followed (they would carry the token elsewhere), and whatever goes wrong leaves as a SchoolPassportError
 * with method, path, status and attempt. An axios error never gets out: it holds headers, and so tokens and secrets.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import axios, { AxiosError, type AxiosInstance, type AxiosResponse } from 'axios';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';
import { DEFAULT_RETRY, readRetryAfter, waitBeforeRetry, type RetrySettings } from './retry.js';

export interface HttpSettings {
  /** Longest time for one whole answer. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly retry: RetrySettings;
  /** Told of every answer, for metrics; status 0: none came. */
  readonly onAnswer?: (status: number) => void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly coordinates: RequestCoordinates;
}

export const DEFAULT_HTTP: HttpSettings = {
  timeoutMs: 60_000,
  maxBodyBytes: 64 * 1024 * 1024,
  retry: DEFAULT_RETRY,
};

export class HttpClient {
  private readonly settings: HttpSettings;
  private readonly agents = {
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
  };
  private readonly client: AxiosInstance;

  constructor(settings: Partial<HttpSettings> = {}) {
    this.settings = { ...DEFAULT_HTTP, ...settings };
    this.client = axios.create({
      ...this.agents,
      maxRedirects: 0,
      maxContentLength: this.settings.maxBodyBytes,
      responseType: 'arraybuffer',
      // Proxies named in the environment would see, or be sent, tokens nobody meant for them.
      proxy: false,
      validateStatus: () => true,
      transformResponse: (body: unknown) => body,
    });
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
      const outcome = await this.tryOnce(next(attempt, last), attempt, signal);
      if (!(outcome instanceof SchoolPassportError)) return outcome;
      const waitMs = waitBeforeRetry(outcome, attempt, this.settings.retry, Math.random);
      if (waitMs === undefined) throw outcome;
      last = outcome;
      await pause(waitMs, outcome, signal);
    }
  }

  close(): void {
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }

  private async tryOnce(
    request: HttpRequest,
    attempt: number,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer | SchoolPassportError> {
    const coordinates = { method: request.method, path: new URL(request.url).pathname, attempt };
    if (signal?.aborted) throw new SchoolPassportError('stopped', 'the request was stopped', coordinates);
    const limit = new TimeLimit(this.settings.timeoutMs, signal);
    try {
      const response = await this.client.request<Buffer>({
        method: request.method,
        url: request.url,
        ...(request.query === undefined ? {} : { params: request.query }),
        headers: { accept: 'application/json', ...request.headers },
        ...(request.form === undefined ? {} : { data: new URLSearchParams(request.form).toString() }),
        signal: limit.signal,
      });
      this.settings.onAnswer?.(response.status);
      return toOutcome(response, coordinates);
    } catch (error) {
      this.settings.onAnswer?.(0);
      if (signal?.aborted) throw new SchoolPassportError('stopped', 'the request was stopped', coordinates);
      return limit.isOver
        ? new SchoolPassportError('timeout', 'no whole answer in time', coordinates)
        : toError(error, coordinates);
    } finally {
      limit.clear();
    }
  }
}

/** Ends one request in time or with the caller; a signal of its own, so that nothing piles up on the caller's. */
class TimeLimit {
  isOver = false;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly stop = (): void => this.controller.abort();

  constructor(
    ms: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort();
    }, ms);
    outer?.addEventListener('abort', this.stop);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.stop);
  }
}

function toOutcome(
  response: AxiosResponse<Buffer>,
  base: RequestCoordinates,
): HttpAnswer | SchoolPassportError {
  const { status } = response;
  const coordinates = { ...base, status };
  const headers = response.headers as Record<string, string | undefined>;
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    const retryAfterMs = readRetryAfter(headers['retry-after'], Date.now());
    return new SchoolPassportError('status', 'the source cannot answer now', coordinates, retryAfterMs);
  }
  return { status, headers, body: response.data, coordinates };
}

/** Keeps the code of an axios error and nothing else of it. */
function toError(error: unknown, coordinates: RequestCoordinates): SchoolPassportError {
  if (!(error instanceof AxiosError)) throw error;
  if (/maxContentLength/.test(error.message)) {
    return new SchoolPassportError('too-large', 'the answer is larger than allowed', coordinates);
  }
  const code = /^[A-Z0-9_]{1,60}$/.test(error.code ?? '') ? error.code : 'no code';
  return new SchoolPassportError('network', `no answer: ${code}`, coordinates);
}

async function pause(ms: number, last: SchoolPassportError, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new SchoolPassportError('stopped', 'the request was stopped', last.coordinates);
  }
}
