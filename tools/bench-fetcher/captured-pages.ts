/* The pages of one sandbox district as bytes in one file, so that reading them again costs neither HTTP nor memory. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { Discovery, HttpClient, readRows, type CollectionPart, type ServedDistrict } from '#school-passport';
import type { Listening } from '../start/services.js';

const PAGE_LIMIT = 500;
const NO_OVERLAP = { matched: 0, mismatched: 0, unchecked: 0 };

interface Page {
  readonly type: EntityType;
  readonly at: number;
  readonly length: number;
}

export class CapturedPages {
  private constructor(
    private readonly file: number,
    private readonly pages: readonly Page[],
    readonly source: ServedDistrict,
    readonly records: number,
  ) {}

  static async take(sandbox: Listening, path: string): Promise<CapturedPages> {
    const source = await onlyDistrict(sandbox);
    const headers = { authorization: `Bearer ${await tokenOf(source)}` };
    const file = openSync(path, 'w+');
    const pages: Page[] = [];
    let end = 0;
    let records = 0;
    for (const type of ENTITY_TYPES) {
      for (let offset = 0; ;) {
        const answer = await fetch(`${source.oneRosterUrl}/${type}?limit=${PAGE_LIMIT}&offset=${offset}`, {
          headers,
        });
        const bytes = Buffer.from(await answer.arrayBuffer());
        const rows = readRows(type, bytes, {
          method: 'GET',
          path: `/${type}`,
          status: answer.status,
          attempt: 1,
        });
        if (rows.length === 0) break;
        writeSync(file, bytes);
        pages.push({ type, at: end, length: bytes.length });
        end += bytes.length;
        offset += rows.length;
        records += rows.length;
      }
    }
    fsyncSync(file);
    return new CapturedPages(file, pages, source, records);
  }

  /** Every page, or every n-th of the type. */
  *bytesOf(type: EntityType, every = 1): Generator<Buffer> {
    for (const [at, page] of this.pages.filter((one) => one.type === type).entries()) {
      if (at % every !== 0) continue;
      const bytes = Buffer.allocUnsafe(page.length);
      readSync(this.file, bytes, 0, page.length, page.at);
      yield bytes;
    }
  }

  /** As the client gives them, from their bytes on. */
  async *parts(type: EntityType): AsyncGenerator<CollectionPart> {
    let offset = 0;
    for (const bytes of this.bytesOf(type)) {
      const rows = rowsOf(type, bytes);
      yield { kind: 'page', rows, total: null, offset };
      offset += rows.length;
    }
    yield { kind: 'end', total: null, offset, boundaries: NO_OVERLAP };
  }

  close(): void {
    closeSync(this.file);
  }
}

export function rowsOf(type: EntityType, bytes: Buffer): readonly unknown[] {
  return readRows(type, bytes, { method: 'GET', path: `/${type}`, status: 200, attempt: 1 });
}

export function discoveryOf({ url, clientId, clientSecret }: Listening, http: HttpClient): Discovery {
  const pair = { clientId: String(clientId), clientSecret: String(clientSecret) };
  return new Discovery({ url, ...pair, allowHttp: true }, http);
}

async function onlyDistrict(sandbox: Listening): Promise<ServedDistrict> {
  const http = new HttpClient();
  const [district] = await discoveryOf(sandbox, http).list();
  http.close();
  if (district?.kind !== 'server') throw new Error('the sandbox serves no district');
  return district;
}

async function tokenOf({ auth }: ServedDistrict): Promise<string> {
  if (auth.kind !== 'oauth2') throw new Error('the sandbox gives no token');
  const { tokenUrl, clientId, clientSecret } = auth;
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  return String(((await answer.json()) as { access_token: string }).access_token);
}
