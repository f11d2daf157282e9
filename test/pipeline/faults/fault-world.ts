/* The fleet of all cases: two instances of each service, one trap, the sandbox, and a district for each case. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOf, differences, truthOf } from '../support/equality.js';
import { Ground } from '../support/ground.js';
import type { RunView } from '../support/coordinator.client.js';
import { ChangeAudit } from './change-audit.js';
import { Instances } from './instances.js';
import { JumpingClocks } from './jumping-clocks.js';
import { LogMark } from './log-mark.js';
import { Trap } from './trap.js';

/** A server that the cases may end and start again under the same address. */
export interface OwnServer {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Where it keeps its files. */
  readonly folder: string;
}

export type OwnServers = Readonly<Record<'kafka' | 'redis' | 'postgres', OwnServer>>;

/** The services' own, but for the minute before an aborted run is followed by another. */
const TIMES = { RUN_RETRY_MS: '300' };
export const SETTLES_WITHIN_MS = 150_000;
const DISTRICTS = 200;

export class FaultWorld {
  #next = 0;

  private constructor(
    readonly ground: Ground,
    readonly instances: Instances,
    readonly trap: Trap,
    readonly clocks: JumpingClocks,
    private readonly audit: ChangeAudit,
    private readonly districtIds: readonly string[],
    private readonly folder: string,
    private readonly servers: OwnServers | null,
  ) {}

  /** `servers`: those that KAFKA_BROKERS, REDIS_URL and DATABASE_URL name, where they are the caller's own. */
  static async open(servers: OwnServers | null): Promise<FaultWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
    const trap = new Trap(join(folder, 'trap'));
    const clocks = new JumpingClocks(join(folder, 'clocks'));
    const ground = await Ground.open('faults', ['--districts', String(DISTRICTS)], {
      settings: { ROLLCALL_FAILPOINT_FILE: trap.file, ...clocks.settings },
      times: TIMES,
      withinMs: SETTLES_WITHIN_MS,
    });
    const instances = await Instances.start(ground);
    const audit = new ChangeAudit(ground.topics, ground.rows);
    const districtIds = await ground.districtIds();
    return new FaultWorld(ground, instances, trap, clocks, audit, districtIds, folder, servers);
  }

  get own(): OwnServers {
    if (this.servers === null) throw new Error('this case needs servers of its own: npm run faults');
    return this.servers;
  }

  /** For what the services say from now on. */
  mark(): LogMark {
    return new LogMark(this.ground.fleet);
  }

  nextDistrict(): string {
    const districtId = this.districtIds[this.#next];
    if (districtId === undefined) throw new Error('there are more cases than districts');
    this.#next += 1;
    return districtId;
  }

  /** Throws unless it is completed, and every copy of it right. */
  async expectRight(run: RunView): Promise<void> {
    const { districtId, generation, state, why } = run;
    if (state !== 'completed') throw new Error(`run ${generation} is ${state} and not completed: ${why}`);
    const truth = await truthOf(this.ground.sandbox, districtId);
    const wrong = [
      ...differences(truth, await copyOf(this.ground.rows, districtId)),
      ...(await this.audit.wrongArchives(run, truth)),
      ...(await this.audit.disagreements(run)),
    ];
    if (wrong.length > 0) throw new Error(`after run ${generation}:\n${wrong.join('\n')}`);
  }

  async close(): Promise<void> {
    this.instances.stopWatching();
    await this.ground.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
