/** A command on a full namespace, and the runs of another, small district meanwhile: what they wait for it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ActFailedError, follow } from '../bench/acts.js';
import type { Sandbox } from '../demo/sandbox.client.js';
import type { Stage } from '../demo/stage.js';
import { projectFolder } from '../project.js';

export interface UpkeepFigures {
  readonly act: string;
  readonly seconds: number;
  /** Seconds of each run of the other district that ended meanwhile, from asking to rows proven equal. */
  readonly runs: readonly number[];
  /** Last line of stdout. */
  readonly said: string;
}

export interface Upkeep {
  readonly act: string;
  /** A file of tools/, and its arguments. */
  readonly command: readonly [tool: string, ...args: string[]];
}

const CHANGED_PERCENT = 20;

/** One run of a district of which a part has changed; in seconds. */
export async function changedRun(stage: Stage, sandbox: Sandbox, districtId: string): Promise<number> {
  await sandbox.control('POST', `districts/${districtId}/change`, { percent: CHANGED_PERCENT });
  const startedAt = performance.now();
  const { state, why } = await follow(stage, districtId);
  if (state !== 'completed') throw new ActFailedError(`a run beside the command: ${state}, ${why ?? ''}`);
  return (performance.now() - startedAt) / 1000;
}

export async function measureBeside(
  stage: Stage,
  sandbox: Sandbox,
  otherDistrict: string,
  { act, command: [tool, ...args] }: Upkeep,
): Promise<UpkeepFigures> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(projectFolder, 'dist/tools', `${tool}.js`), ...args], {
    env: { ...process.env, ...stage.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  let seconds: number | null = null;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      seconds = (performance.now() - startedAt) / 1000;
      resolve(code);
    });
  });
  const runs: number[] = [];
  const isOver = (): boolean => seconds !== null;
  try {
    while (!isOver()) runs.push(await changedRun(stage, sandbox, otherDistrict));
  } finally {
    child.kill();
  }
  const code = await ended;
  if (code !== 0) throw new ActFailedError(`${act}: it ended with ${code ?? 'a signal'}: ${stdout}`);
  return { act, seconds: seconds ?? 0, runs, said: stdout.trim().split('\n').at(-1) ?? '' };
}
