import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Auth, ServedDistrict } from '../src/discovery/district-source.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Breaks the connection instead of answering; or never answers. */
  readonly instead?: 'break' | 'silence';
  /** Sends half of the body and then breaks the connection, or says nothing more. */
  readonly midway?: 'break' | 'silence';
  /** The answer begins when this is over. */
  readonly after?: Promise<unknown>;
}

type Pair = Partial<Pick<Extract<Auth, { kind: 'oauth2' }>, 'tokenUrl' | 'clientId' | 'clientSecret'>>;
type DistrictChange = Partial<ServedDistrict> & Pair;

/** A source over real HTTP whose every answer a spec decides; it keeps what it was asked. */
export class SourceServer {
  readonly asked: Asked[] = [];
  private readonly server: Server;

  private constructor(private readonly answer: (asked: Asked) => Reply) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(answer: (asked: Asked) => Reply): Promise<SourceServer> {
    const source = new SourceServer(answer);
    await new Promise<void>((resolve) => source.server.listen(0, '127.0.0.1', resolve));
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Asked with OAuth2 unless told otherwise; a part of its pair or its token end may be changed alone. */
  district(change: DistrictChange = {}): ServedDistrict {
    const { tokenUrl, clientId, clientSecret, ...rest } = change;
    return {
      kind: 'server',
      districtId: 'd1',
      name: 'District One',
      version: '1.1',
      oneRosterUrl: `${this.url}/ims/oneroster/v1p1`,
      auth: {
        kind: 'oauth2',
        tokenUrl: tokenUrl ?? `${this.url}/token`,
        clientId: clientId ?? 'the-id',
        clientSecret: clientSecret ?? 'the-secret',
        credentialsIn: 'header',
        scopes: [],
      },
      allowHttp: true,
      pageLimit: null,
      readyStamp: null,
      expiresAt: null,
      ...rest,
    };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.asked.push(asked);
    const { status = 200, headers = {}, body = '', instead, midway, after } = this.answer(asked);
    if (instead === 'break') request.socket.destroy();
    if (instead !== undefined) return;
    await after;
    response.writeHead(status, headers);
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    if (midway === undefined) return void response.end(text);
    response.write(text.slice(0, text.length >>> 1), () => {
      if (midway === 'break') request.socket.destroy();
    });
  }
}

export const TOKEN_REPLY: Reply = {
  body: { access_token: 'the-token', token_type: 'Bearer', expires_in: 7199 },
};
export const FAST_RETRY = { maxAttempts: 3, baseMs: 1, capMs: 2, maxRetryAfterMs: 5000 };
