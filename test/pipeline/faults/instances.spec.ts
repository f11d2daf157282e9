import { describe, expect, it } from '@jest/globals';
import type { Ground } from '../support/ground.js';
import type { Running } from '../support/running.js';
import { Instances } from './instances.js';

/** Processes that are none: each ends when it is told to. */
class NoProcess {
  hasEnded = false;
  readonly isAwake = true;

  constructor(
    readonly name: string,
    readonly pid: number,
  ) {}

  expectEnd(): void {}
  listening = (): string => 'http://nowhere';
  isReady = async (): Promise<boolean> => true;
}

async function started(): Promise<{ instances: Instances; launched: NoProcess[] }> {
  const launched: NoProcess[] = [];
  const fleet = {
    launch: (name: string) => launched[launched.push(new NoProcess(name, launched.length + 1)) - 1],
    until: async (_what: string, holds: () => Promise<boolean>) => {
      if (!(await holds())) throw new Error('it does not hold');
    },
  };
  const ground = { fleet, ask: () => undefined } as unknown as Ground;
  const instances = await Instances.start(ground);
  instances.stopWatching();
  return { instances, launched };
}

describe('an instance that was struck', () => {
  it('is known by its pid, and replaced once, also where it was started again before anybody looked', async () => {
    const { instances, launched } = await started();
    const struck = launched[0] as unknown as Running;
    const count = launched.length;
    Object.assign(struck, { hasEnded: true });
    instances.allowEnds(true);
    instances.allowEnds(true); // looks for who has ended
    expect(launched).toHaveLength(count + 1);
    expect(instances.withPid(1)).toBe(struck);
    expect(instances.replace(struck)).toBe(launched.at(-1));
    expect(launched).toHaveLength(count + 1);
    expect(instances.everyone()).toHaveLength(count);
    expect(instances.everyone()).not.toContain(struck);
  });

  it('is none of another pid', async () => {
    const { instances } = await started();
    expect(() => instances.withPid(99)).toThrow('no instance has the pid 99');
  });
});
