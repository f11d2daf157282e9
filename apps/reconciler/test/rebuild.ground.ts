/* A partition whose index can be lost or come back old, and whose rebuild can be crashed or interrupted. */
import { expect } from '@jest/globals';
import type { RosterIndex } from '../src/reconciliation/ports.js';
import { DISTRICT } from './district.fixture.js';
import { deliver } from './memory.logs.js';
import { contentsOf, digestOf, PartitionGround } from './partition.ground.js';

export interface LosableIndex {
  readonly index: RosterIndex;
  flush(): Promise<void>;
  /** Saves what is there now; the function returned puts it back. */
  save(): Promise<() => Promise<void>>;
}

export class RebuildGround extends PartitionGround<RosterIndex> {
  constructor(readonly losable: LosableIndex) {
    super(losable.index);
  }

  flush(): Promise<void> {
    return this.losable.flush();
  }

  save(): Promise<() => Promise<void>> {
    return this.losable.save();
  }

  /** Runs a rebuild that crashes at its nth append or failpoint; true if it had fewer. */
  async survives(
    nth: number,
    act: () => Promise<unknown> = () => deliver(this.loop(), this.logs, 0n),
  ): Promise<boolean> {
    let hits = 0;
    const hit = () => {
      hits += 1;
      if (hits === nth) throw new Error('crash');
    };
    this.logs.beforeAppend = hit;
    this.atFailpoint = hit;
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'crash') throw error;
      return false;
    } finally {
      this.logs.beforeAppend = () => undefined;
      this.atFailpoint = () => undefined;
    }
  }

  /** Rebuilds, and before its nth append of this kind something else happens. */
  async rebuildWith(
    kind: 'raw fence' | 'change fence',
    nth: number,
    act: () => Promise<unknown>,
  ): Promise<void> {
    this.logs.append({ kind: 'ask', nonce: 'nonce' });
    let left = nth;
    this.logs.beforeAppend = async (what) => {
      if (what !== kind || (left -= 1) !== 0) return;
      this.logs.beforeAppend = () => undefined;
      await act();
    };
    await this.follow();
  }

  /** Rebuilds, and before its nth call of this method of the index something else happens. */
  async rebuildAround(method: 'load' | 'install', nth: number, act: () => Promise<unknown>): Promise<void> {
    this.logs.append({ kind: 'ask', nonce: 'nonce' });
    let left = nth;
    this.beforeCall = async (called) => {
      if (called !== method || (left -= 1) !== 0) return;
      this.beforeCall = () => undefined;
      await act();
    };
    await this.follow();
  }

  async expectToGoOn(): Promise<void> {
    const generation = 100;
    const at = { districtId: DISTRICT, generation };
    await this.run(generation, { orgs: { north: 'v1' }, users: { ada: 'v9', ben: 'v9' } });
    expect(contentsOf(this.logs)).toEqual({ 'orgs/north': 'v1', 'users/ada': 'v9', 'users/ben': 'v9' });
    expect(this.logs.reports.findLast(({ kind }) => kind === 'swept')).toMatchObject(at);
    this.expectWatermarks();
  }

  expectWatermarks(): void {
    for (const entityType of ['orgs', 'users'] as const) {
      const watermark = this.logs.watermarks.findLast((line) => line.entityType === entityType);
      expect(watermark).toMatchObject(digestOf(this.logs, entityType));
    }
  }
}
