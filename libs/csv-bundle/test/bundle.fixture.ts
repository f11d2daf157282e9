import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import type { EntityType } from '#contracts';
import { csvPages, type BundleLimits, type BundlePart } from '../src/index.js';
import type { Row } from '../src/row-shape.js';

export type Files = Readonly<Record<string, string | Buffer>>;

/** What every bundle needs beside the file a spec is about. */
export const LEAST: Files = { 'orgs.csv': 'sourcedId,name\no1,North\n', 'users.csv': 'sourcedId\nu1\n' };

/** Bundles in a folder of their own. */
export class BundleGround {
  readonly root = mkdtempSync(join(tmpdir(), 'bundle-'));
  private made = 0;

  folder(files: Files): string {
    const path = join(this.root, `b${(this.made += 1)}`);
    mkdirSync(path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return path;
  }

  async zip(files: Files, compress = true): Promise<string> {
    const path = join(this.root, `b${(this.made += 1)}.zip`);
    writeFileSync(path, await zipOf(files, compress));
    return path;
  }

  end(): void {
    rmSync(this.root, { recursive: true });
  }
}

export async function zipOf(files: Files, compress = true): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name, { compress });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function partsOf(
  path: string,
  type: EntityType,
  { version = '1.1', limits }: { readonly version?: string; readonly limits?: BundleLimits } = {},
): Promise<BundlePart[]> {
  const parts: BundlePart[] = [];
  for await (const part of csvPages({ path, version }, type, undefined, limits)) parts.push(part);
  return parts;
}

export async function rowsOf(path: string, type: EntityType, version = '1.1'): Promise<readonly Row[]> {
  const parts = await partsOf(path, type, { version });
  return parts.flatMap((part) => (part.kind === 'page' ? part.rows : []));
}
