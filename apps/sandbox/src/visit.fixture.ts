import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { EntityType } from '#contracts';
import type { SandboxOptions } from './options.js';
import { ATTRIBUTES, type PlainRecord } from './roster/plain-record.js';
import { startSandbox, type Sandbox } from './sandbox.js';

export type Row = Readonly<Record<string, unknown>>;
type Get = (path: string) => Promise<Response>;

export interface Entry {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly districtGuid: string;
  readonly expiryDate: string;
  readonly lastDataProcessingCompletedTimestamp: string;
}

/** A sandbox on a folder of its own, visited over HTTP as its clients do. */
export class Visit {
  readonly folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  private sandbox: Sandbox | null = null;

  async start(options: Partial<SandboxOptions> = {}): Promise<void> {
    await this.sandbox?.close();
    const defaults = { port: 0, folder: this.folder, seed: 1, districts: 2, records: null, csv: null };
    this.sandbox = await startSandbox({ ...defaults, ...options });
  }

  async end(): Promise<void> {
    await this.sandbox?.close();
    rmSync(this.folder, { recursive: true });
  }

  get running(): Sandbox {
    if (!this.sandbox) throw new Error('not started');
    return this.sandbox;
  }

  async token(pair: { readonly clientId: string; readonly clientSecret: string }): Promise<Response> {
    return fetch(`${this.running.url}/datahub/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${pair.clientId}:${pair.clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
  }

  async tokenText(pair: { readonly clientId: string; readonly clientSecret: string }): Promise<string> {
    const { access_token: token } = (await (await this.token(pair)).json()) as { access_token: string };
    return token;
  }

  async discover(): Promise<Entry[]> {
    const token = await this.tokenText(this.running.partner);
    const url = `${this.running.url}/datahub/services/vendor/onboarding/credentials`;
    return (await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()) as Entry[];
  }

  /** The first district of Discovery, and how to get what it shares. */
  async firstDistrict(): Promise<{ readonly id: string; readonly get: Get }> {
    const [entry] = await this.discover();
    if (!entry) throw new Error('no district');
    const token = await this.tokenText(entry);
    const base = `${entry.apiUrl}/datahub/services/ims/oneroster/v1p1`;
    const get: Get = (path) => fetch(`${base}/${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { id: entry.districtGuid, get };
  }

  /** Asks the control interface, whose answer must be good. */
  async control(method: string, path: string, body?: unknown): Promise<Row> {
    const answer = await this.refusable(method, path, body);
    const value = (await answer.json()) as Row;
    expect([path, answer.ok, value.error]).toEqual([path, true, undefined]);
    return value;
  }

  refusable(method: string, path: string, body?: unknown): Promise<Response> {
    const url = `${this.running.url}/control/${path}`;
    return fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async truth(districtId: string, type: EntityType): Promise<PlainRecord[]> {
    return (await this.control('GET', `districts/${districtId}/records/${type}`)).records as PlainRecord[];
  }

  async truthIds(districtId: string, type: EntityType): Promise<string[]> {
    return (await this.truth(districtId, type)).map(({ sourcedId }) => sourcedId);
  }
}

/** Pages a collection by rows received until an empty page. */
export async function readAll(get: Get, type: string, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const answer = await get(`${type}?limit=${limit}&offset=${rows.length}&sort=sourcedId&orderBy=asc`);
    expect(answer.status).toBe(200);
    const page = ((await answer.json()) as Readonly<Record<string, Row[]>>)[type] ?? [];
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}

/** What a plain record says, read off a row as it came. */
export function plainOf(type: EntityType, row: Row): Row {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    const kind = ATTRIBUTES[type].find((attribute) => attribute.name === name)?.kind;
    if (value === '' || (Array.isArray(value) && value.length === 0)) continue;
    if (name === 'metadata') plain.extensions = { metadata: value };
    else if (kind === 'reference') plain[name] = (value as Row).sourcedId;
    else if (kind === 'references') plain[name] = (value as Row[]).map(({ sourcedId }) => sourcedId);
    else if (kind === 'booleanText') plain[name] = value === 'true';
    else plain[name] = value;
  }
  return plain;
}
