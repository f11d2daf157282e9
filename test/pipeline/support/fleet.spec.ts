import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet } from './fleet.js';

it('ends the waits that still go on when the services are ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-fleet-'));
  const fleet = new Fleet(folder, {});
  const waiting = fleet.until('something happens', () => null);
  await Promise.all([expect(waiting).rejects.toThrow('ended before something happens'), fleet.close()]);
  rmSync(folder, { recursive: true });
});
