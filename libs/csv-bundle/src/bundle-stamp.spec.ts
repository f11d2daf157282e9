import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BundleGround, LEAST } from '../test/bundle.fixture.js';
import { bundleStamp } from './index.js';

const ground = new BundleGround();
afterAll(() => ground.end());

describe('the readiness stamp of a bundle', () => {
  it('moves when a CSV file is written, added or taken away, and for nothing else', async () => {
    const path = ground.folder(LEAST);
    const stamps = [await bundleStamp(path)];
    const next = async (change: () => void): Promise<void> => {
      change();
      stamps.push(await bundleStamp(path));
    };
    await next(() => writeFileSync(join(path, 'orgs.csv'), LEAST['orgs.csv'] ?? ''));
    await next(() => writeFileSync(join(path, 'classes.csv'), 'sourcedId\n'));
    await next(() => rmSync(join(path, 'classes.csv')));
    stamps.slice(1).forEach((stamp, at) => expect(stamp).not.toBe(stamps[at]));
    await next(() => writeFileSync(join(path, 'classes.csv.part'), 'x'));
    expect(stamps[4]).toBe(stamps[3]);
    expect(await bundleStamp(path)).toBe(stamps[4]);
  });

  it('moves when a zip file is replaced', async () => {
    const path = await ground.zip(LEAST);
    const before = await bundleStamp(path);
    renameSync(await ground.zip(LEAST), path);
    expect(await bundleStamp(path)).not.toBe(before);
  });

  it('is none while there is no bundle, and never looks like a time', async () => {
    expect(await bundleStamp(join(ground.root, 'none'))).toBeNull();
    expect(Date.parse((await bundleStamp(ground.folder(LEAST))) ?? '')).toBeNaN();
    expect(Date.parse('csv1:2026')).toBeNaN();
  });
});
