/*
 * One try of one request. Bodies come back as bytes, redirects are not followed (they would carry the token elsewhere),
 * and whatever goes wrong leaves as a SchoolPassportError with method, path, status and attempt. An axios error never
 * gets out: it holds headers, and so tokens and secrets.
 */
import type { IncomingMessage } from 'node:http';
import { isNativeError } from 'node:util/types';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { isAllowedHost } from '../connection/allowed-hosts.js';
import {
  ADDRESS_REFUSED,
  CONNECT_TIMEOUT,
  guardedAgents,
  type Agents,
  type ConnectionSettings,
} from '../connection/guarded-agents.js';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';
import { ACCEPT_ENCODING, isBodyFault, readBody, type BodyLimits } from './answer-body.js';
import { readRetryAfter } from './retry.js';
import { TimeLimits } from './time-limits.js';

export interface TransportSettings extends ConnectionSettings, BodyLimits {
  /** Longest time to the headers of an answer. */
  readonly headersTimeoutMs: number;
  /** Longest time for one whole answer. */
  readonly timeoutMs: number;
  /** Hosts that may be asked, `*.` and a name for all below it; none: every host with a public address. */
  readonly hosts: readonly string[];
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

/** An answer, or why there is none that could be used: another try may go better. */
export type Outcome = HttpAnswer | SchoolPassportError;

export class Transport {
  private readonly agents: Agents;
  private readonly client: AxiosInstance;

  constructor(private readonly settings: TransportSettings) {
    this.agents = guardedAgents(settings);
    this.client = axios.create({
      ...this.agents,
      maxRedirects: 0,
      responseType: 'stream',
      decompress: false,
      // Proxies named in the environment would see, or be sent, tokens nobody meant for them.
      proxy: false,
      validateStatus: () => true,
    });
  }

  /** Throws SchoolPassportError `stopped` and `insecure-url`; gives every other. */
  async attempt(request: HttpRequest, attempt: number, signal?: AbortSignal): Promise<Outcome> {
    const url = new URL(request.url);
    const coordinates = { method: request.method, path: url.pathname, attempt };
    if (!isAllowedHost(url.hostname, this.settings.hosts)) throw refusedHost(coordinates);
    if (signal?.aborted) throw stopped(coordinates);
    const limits = new TimeLimits(this.settings, signal);
    try {
      const answer = await this.exchange(request, coordinates, limits);
      this.settings.onAnswer?.(answer.coordinates.status);
      return isRefusal(answer.status) ? toRefusal(answer) : answer;
    } catch (error) {
      this.settings.onAnswer?.(0);
      if (signal?.aborted) throw stopped(coordinates);
      return limits.over(coordinates) ?? toError(error, coordinates);
    } finally {
      limits.clear();
    }
  }

  close(): void {
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }

  private async exchange(
    request: HttpRequest,
    base: RequestCoordinates,
    limits: TimeLimits,
  ): Promise<HttpAnswer & { readonly coordinates: { readonly status: number } }> {
    const response: AxiosResponse<IncomingMessage> = await this.client.request({
      method: request.method,
      url: request.url,
      ...(request.query === undefined ? {} : { params: request.query }),
      headers: { accept: 'application/json', 'accept-encoding': ACCEPT_ENCODING, ...request.headers },
      ...(request.form === undefined ? {} : { data: new URLSearchParams(request.form).toString() }),
      signal: limits.signal,
    });
    limits.headersCame();
    const { status } = response;
    const coordinates = { ...base, status };
    const headers = response.headers as Record<string, string | undefined>;
    try {
      const body = await readBody(response.data, headers['content-encoding'], this.settings, coordinates);
      return { status, headers, body, coordinates };
    } catch (error) {
      // The status decides: what a proxy packs wrongly must not hide a 401, or what a 503 asks to wait.
      if (status === 200 || !isBodyFault(error)) throw error;
      return { status, headers, body: Buffer.alloc(0), coordinates };
    }
  }
}

function isRefusal(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

function toRefusal({ headers, coordinates }: HttpAnswer): SchoolPassportError {
  const retryAfterMs = readRetryAfter(headers['retry-after'], Date.now());
  return new SchoolPassportError('status', 'the source cannot answer now', coordinates, retryAfterMs);
}

function refusedHost(coordinates: RequestCoordinates): SchoolPassportError {
  return new SchoolPassportError('insecure-url', 'the host is not on the list of allowed hosts', coordinates);
}

function stopped(coordinates: RequestCoordinates): SchoolPassportError {
  return new SchoolPassportError('stopped', 'the request was stopped', coordinates);
}

/** Keeps the code of a network error and nothing else of it. */
function toError(error: unknown, coordinates: RequestCoordinates): SchoolPassportError {
  if (error instanceof SchoolPassportError) return error;
  const code = codeOf(error);
  if (code === undefined) throw error;
  if (code === CONNECT_TIMEOUT) {
    return new SchoolPassportError('timeout', 'no connection in time', coordinates);
  }
  if (code === ADDRESS_REFUSED) {
    const message = 'the host has an address that must not be asked';
    throw new SchoolPassportError('insecure-url', message, coordinates);
  }
  return new SchoolPassportError('network', `no answer: ${code}`, coordinates);
}

function codeOf(error: unknown): string | undefined {
  if (!isNativeError(error) || error.name === 'TypeError') return undefined;
  if (!axios.isAxiosError(error) && !('code' in error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'no code';
}
