/* A sandbox, a districts file, and what the fetcher's own way of reading makes of a district. Over real HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { SchoolPassportSource } from '../../apps/fetcher/src/school-passport.source.js';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { readRecord } from '#oneroster';
import { Discovery, HttpClient, OneRosterClient } from '#school-passport';

export type Fields = Readonly<Record<string, unknown>>;
export type Roster = Readonly<Record<EntityType, readonly Fields[] | 'not granted'>>;

export class SourceGround {
  readonly folder = mkdtempSync(join(tmpdir(), 'sources-'));
  private readonly http = new HttpClient({ timeoutMs: 20_000 });
  private sandbox: Sandbox | undefined;

  async start(): Promise<void> {
    const options = { port: 0, seed: 1, districts: 1, records: null, csv: null };
    this.sandbox = await startSandbox({ ...options, folder: join(this.folder, 'sandbox') });
  }

  async end(): Promise<void> {
    this.http.close();
    await this.sandbox?.close();
    rmSync(this.folder, { recursive: true });
  }

  async control(method: string, path: string, body?: object): Promise<Response> {
    const url = `${this.sandbox?.url}/control/${path}`;
    const answer = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer;
  }

  /** Serves the one district in another way; gives the entry that reads it so. */
  async serveAs(service: object): Promise<Fields> {
    const { districtId } = await this.entry();
    await this.control('POST', `districts/${String(districtId)}/service`, service);
    return this.entry();
  }

  async entry(): Promise<Fields & { readonly districtId: string }> {
    const [entry] = (await (await this.control('GET', 'districts-file')).json()) as [
      Fields & { districtId: string },
    ];
    return entry;
  }

  /** What is shared now, as canonical records say it. */
  async truth(): Promise<Roster> {
    const { districtId } = await this.entry();
    const roster = {} as Record<EntityType, Fields[]>;
    for (const type of ENTITY_TYPES) {
      const answer = await this.control('GET', `districts/${districtId}/records/${type}`);
      const { records } = (await answer.json()) as { records: Fields[] };
      roster[type] = records.map(({ status: _, dateLastModified: _at, ...rest }) => rest).sort(byId);
    }
    return roster;
  }

  /** Reads the district of an entry of a districts file. */
  async read(entry: Fields): Promise<Roster> {
    const file = join(this.folder, 'districts.json');
    writeFileSync(file, JSON.stringify([entry]));
    const discovery = new Discovery({ districtsFile: file }, this.http);
    const source = new SchoolPassportSource(discovery, new OneRosterClient(this.http, discovery));
    const district = await source.find(String(entry.districtId));
    if (district === null) throw new Error('not listed');
    const roster = {} as Record<EntityType, Fields[] | 'not granted'>;
    for (const type of ENTITY_TYPES) {
      const records: Fields[] = [];
      let isGranted = true;
      for await (const part of source.pages(district, type, new AbortController().signal, new Set())) {
        if (part.kind === 'page') records.push(...part.rows.map((row) => canonical(type, row)));
        if (part.kind === 'not-granted') isGranted = false;
      }
      roster[type] = isGranted ? records.sort(byId) : 'not granted';
    }
    return roster;
  }
}

function canonical(type: EntityType, row: unknown): Fields {
  const reading = readRecord(type, row);
  if (reading.kind !== 'record') throw new Error(`${type}: ${reading.reason}`);
  return JSON.parse(reading.canonical.toString()) as Fields;
}

function byId(a: Fields, b: Fields): number {
  return String(a.sourcedId) < String(b.sourcedId) ? -1 : 1;
}
