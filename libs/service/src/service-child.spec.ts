// What only a process of its own shows: exit codes, signals, failpoints. The children run the built library.
import { describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LIBRARY = new URL('../../../dist/libs/service/src/index.js', import.meta.url);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly Record<string, unknown>[];
  readonly stderr: string;
}

function run(
  script: string,
  env: Record<string, string>,
  onLine: (line: string, child: ChildProcess) => void = () => {},
) {
  if (!existsSync(LIBRARY)) throw new Error('not built yet: run `npm run build` first');
  const source = `import { failpoint, runService, ServiceConfig } from '${LIBRARY.href}';
    import { Module } from '@nestjs/common';
    class Root {}
    Module({})(Root);
    ${script}`;
  const options = { env: { PATH: process.env['PATH'], ...env }, cwd: new URL('../../..', import.meta.url) };
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], options);
  const stdout: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(JSON.parse(line) as Record<string, unknown>);
    onLine(line, child);
  });
  return new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const service = `await runService({ name: 'spec', config: ServiceConfig, module: () => Root });`;
const KAFKA = { KAFKA_BROKERS: '127.0.0.1:9' };

describe('the process of a service', () => {
  it('says with one line what is wrong with the configuration and exits 78', async () => {
    const { code, stdout, stderr } = await run(service, { KAFKA_BROKERS: 'geheim', HTTP_PORT: '-1' });
    expect(code).toBe(78);
    expect(stdout).toEqual([]);
    expect(stderr).toMatch(/^spec: configuration: .*HTTP_PORT must not be less than 0.*KAFKA_BROKERS.*\n$/);
    expect(stderr).not.toContain('geheim');
  });

  it('tells where it listens, and ends well, within its time, when told by SIGTERM', async () => {
    const { code, stdout } = await run(service, KAFKA, (line, child) => {
      if (line.includes('"listening"')) child.kill('SIGTERM');
    });
    expect(code).toBe(0);
    expect(stdout[0]).toMatchObject({ event: 'listening', service: 'spec', level: 'info' });
    expect(stdout[0]?.['url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(stdout.map(({ event }) => event)).toEqual(['listening', 'stopping']);
  });

  it('ends at once by a signal that comes before there is anything to close', async () => {
    const prepare = `prepare: async (_config, log) => { log.info('preparing'); await new Promise((ok) => setTimeout(ok, 9000)); }, module`;
    const started = Date.now();
    const { signal, stdout } = await run(service.replace('module', prepare), KAFKA, (line, child) => {
      if (line.includes('"preparing"')) child.kill('SIGTERM');
    });
    expect(signal).toBe('SIGTERM');
    expect(stdout.map(({ event }) => event)).toEqual(['preparing', 'stopping']);
    expect(Date.now() - started).toBeLessThan(8000);
  });

  it('exits 1 with a log line when it cannot start', async () => {
    const failing = service.replace('() => Root', `() => { throw new Error('no store'); }`);
    const { code, stdout } = await run(failing, KAFKA);
    expect(code).toBe(1);
    expect(stdout).toMatchObject([{ event: 'start-failed', level: 'error', error: { message: 'no store' } }]);
  });

  it('exits 1 with a log line when nobody catches an error', async () => {
    const { code, stdout } = await run(`${service}; Promise.reject(new Error('a bug'));`, KAFKA);
    expect(code).toBe(1);
    expect(stdout.at(-1)).toMatchObject({ event: 'crashed', error: { message: 'a bug' } });
  });
});

describe('a failpoint', () => {
  const hits = `for (const hit of [1, 2, 3]) { failpoint('spec.after-emit'); console.log(JSON.stringify({ hit })); }`;

  it('does nothing unless it is named', async () => {
    const { code, stdout } = await run(hits, { ROLLCALL_FAILPOINT: 'spec.after-apply' });
    expect([code, stdout.length]).toEqual([0, 3]);
  });

  it('kills the process at once where it is named', async () => {
    const { signal, stdout } = await run(hits, { ROLLCALL_FAILPOINT: 'spec.after-emit' });
    expect([signal, stdout.length]).toEqual(['SIGKILL', 0]);
  });

  it('waits for the hit that is asked for', async () => {
    const env = { ROLLCALL_FAILPOINT: 'spec.after-emit', ROLLCALL_FAILPOINT_HIT: '3' };
    const { signal, stdout } = await run(hits, env);
    expect([signal, stdout.length]).toEqual(['SIGKILL', 2]);
  });

  it('is armed while the service runs by a file, which strikes one process and once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-failpoint-'));
    const file = join(folder, 'trap');
    const env = { ROLLCALL_FAILPOINT_FILE: file };
    try {
      const unarmed = await run(hits, env);
      writeFileSync(file, 'spec.after-emit 2 SIGKILL 1');
      const struck = await run(hits, env);
      const after = await run(hits, env);
      expect([unarmed, struck, after].map(({ stdout }) => stdout.length)).toEqual([3, 1, 3]);
      expect([unarmed, struck, after].map(({ signal }) => signal)).toEqual([null, 'SIGKILL', null]);
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^trap\.\d+$/)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
