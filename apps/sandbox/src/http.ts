import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface Ask {
  readonly method: string;
  /** Decoded segments of the path. */
  readonly path: readonly string[];
  /** As it was asked for. */
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly delayMs?: number;
  /** reset: the connection breaks after half of the body; drip: the body comes in many small pieces. */
  readonly ending?: 'whole' | 'reset' | 'drip';
}

const JSON_TYPE = { 'content-type': 'application/json;charset=UTF-8' };

export function jsonReply(value: unknown, status = 200, headers: Reply['headers'] = {}): Reply {
  return textReply(JSON.stringify(value), status, headers);
}

export function fileReply(type: string, body: Buffer): Reply {
  return { status: 200, headers: { 'content-type': type }, body };
}

/** `text` is JSON already. */
export function textReply(text: string, status = 200, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: Buffer.from(text) };
}

/** A refusal in OneRoster's words. */
export function failureReply(status: number, description: string): Reply {
  return jsonReply(
    { imsx_codeMajor: 'failure', imsx_severity: 'error', imsx_description: description },
    status,
  );
}

export async function readAsk(request: IncomingMessage): Promise<Ask | null> {
  const target = request.url ?? '/';
  if (!URL.canParse(target, 'http://sandbox')) return null;
  const url = new URL(target, 'http://sandbox');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  const path = decodeSegments(url.pathname);
  return (
    path && {
      method: request.method ?? 'GET',
      path,
      pathname: url.pathname,
      query: url.searchParams,
      authorization: request.headers.authorization ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
    }
  );
}

function decodeSegments(pathname: string): string[] | null {
  try {
    return pathname.split('/').slice(1).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.delayMs) await pause(reply.delayMs);
  const { body } = reply;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(body.length) });
  switch (reply.ending ?? 'whole') {
    case 'whole':
      response.end(body);
      return;
    case 'reset':
      response.write(body.subarray(0, body.length >>> 1), () => response.socket?.resetAndDestroy());
      return;
    case 'drip': {
      const piece = Math.max(1, Math.ceil(body.length / 20));
      for (let at = 0; at < body.length && !response.destroyed; at += piece) {
        response.write(body.subarray(at, at + piece));
        await pause(50);
      }
      response.end();
    }
  }
}
