/* One partition to test with: its logs in memory, an index, and what a consumer of its change topics would hold. */
import {
  ENTITY_TYPES,
  watermarkTerm,
  XorSum,
  type Change,
  type EntityType,
  type RawMessage,
} from '#contracts';
import type { Position } from '../src/reconciliation/index-state.js';
import { PartitionLoop } from '../src/reconciliation/partition-loop.js';
import type { LoopPorts, RosterIndex, Turn } from '../src/reconciliation/ports.js';
import { applyAndSweep, snapshotMessages, type Shared } from './district.fixture.js';
import { deliver, MemoryLogs } from './memory.logs.js';
import { MemoryRosterIndex } from './memory.roster-index.js';

export class PartitionGround<I extends RosterIndex = MemoryRosterIndex> {
  readonly logs = new MemoryLogs();
  /** Milliseconds; a test moves it. */
  now = 0;
  /** Called at failpoints; a test throws here to crash the loop. */
  atFailpoint: (name: string) => void = () => undefined;

  /** Called before each call of the index by a loop; a test acts or throws here. */
  beforeCall: (method: keyof RosterIndex) => void | Promise<void> = () => undefined;

  constructor(readonly index: I) {}

  loop(author = 'author', partition = 0): PartitionLoop {
    const ports: LoopPorts = {
      index: this.#watched(),
      logs: this.logs,
      clock: { now: () => this.now },
      failpoint: (name) => this.atFailpoint(name),
    };
    return new PartitionLoop(partition, ports, author);
  }

  /** A loop whose turns are another's in these things. */
  loopWith(change: (turn: Turn) => Partial<Turn>): Pick<PartitionLoop, 'handle'> {
    const loop = this.loop();
    return { handle: (batch, turn) => loop.handle(batch, { ...turn, ...change(turn) }) };
  }

  #watched(): RosterIndex {
    const call = async <T>(method: keyof RosterIndex, act: () => Promise<T>): Promise<T> => {
      await this.beforeCall(method);
      return act();
    };
    const { index } = this;
    return {
      read: (...asked) => call('read', () => index.read(...asked)),
      write: (...asked) => call('write', () => index.write(...asked)),
      unseen: (...asked) => index.unseen(...asked),
      stale: (...asked) => call('stale', () => index.stale(...asked)),
      archive: (...asked) => call('archive', () => index.archive(...asked)),
      load: (...asked) => call('load', () => index.load(...asked)),
      install: (...asked) => call('install', () => index.install(...asked)),
      retire: (...asked) => call('retire', () => index.retire(...asked)),
      forgetEpochs: (...asked) => call('forgetEpochs', () => index.forgetEpochs(...asked)),
    };
  }

  async position(): Promise<Position | null> {
    return (await this.index.read(0, [], [])).position;
  }

  /** Follows the log from where the index says, or from its start where that is outside, to its end. */
  async follow(loop: Pick<PartitionLoop, 'handle'> = this.loop()): Promise<void> {
    const position = await this.position();
    const { rawStart, rawEnd } = this.logs;
    const next = position?.next ?? rawStart;
    await deliver(loop, this.logs, next > rawEnd ? rawStart : next);
  }

  async ask(loop: Pick<PartitionLoop, 'handle'> = this.loop()): Promise<void> {
    this.logs.append({ kind: 'ask', nonce: 'nonce' });
    await this.follow(loop);
  }

  async run(generation: number, shared: Shared, refresh: readonly EntityType[] = []): Promise<void> {
    const messages = snapshotMessages(generation, shared).map((message): RawMessage =>
      message.kind === 'begin' ? { ...message, refresh } : message,
    );
    this.logs.append(...messages, ...applyAndSweep(generation));
    await this.follow();
  }

  /** Every event sent, as `verb type/id cause`. */
  verbs(from = 0): string[] {
    return this.logs.changes
      .slice(from)
      .map(({ verb, entityType, gg4lId, cause }) =>
        [verb, `${entityType}/${gg4lId}`, ...(cause === undefined ? [] : [cause])].join(' '),
      );
  }
}

export function inMemory(): PartitionGround {
  return new PartitionGround(new MemoryRosterIndex());
}

/** What a consumer holds that honours fences and applies an event only if its generation is higher than what it has. */
export function rowsOf(logs: MemoryLogs): Map<string, Change> {
  const rows = new Map<string, Change>();
  for (const entityType of ENTITY_TYPES) {
    const changes = logs.changes.filter((change) => change.entityType === entityType);
    let fence = 0;
    let at = 0;
    for (const message of logs.changeLogs.get(entityType) ?? []) {
      if (message.kind === 'fence') fence = Math.max(fence, message.epoch);
      const change = message.kind === 'change' ? changes[at++] : undefined;
      if (change === undefined || change.epoch < fence) continue;
      const key = `${entityType}/${change.gg4lId}`;
      const stored = rows.get(key);
      if (stored === undefined || stored.generation < change.generation) rows.set(key, change);
    }
  }
  return rows;
}

/** Content of each active record of such a consumer, by type and id. */
export function contentsOf(logs: MemoryLogs): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const [key, { verb, body }] of rowsOf(logs)) {
    if (verb === 'archived') continue;
    contents[key] = (JSON.parse(String(body)) as { extensions: { content: string } }).extensions.content;
  }
  return contents;
}

export function sharedContents(shared: Shared): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const [type, records] of Object.entries(shared)) {
    for (const [gg4lId, content] of Object.entries(records ?? {})) {
      if (content !== 'withdrawn') contents[`${type}/${gg4lId}`] = content;
    }
  }
  return contents;
}

/** Count and xor of the active records of a type, counted anew from such a consumer's rows. */
export function digestOf(logs: MemoryLogs, type: EntityType): { active: number; xor: string } {
  const sum = new XorSum();
  for (const change of rowsOf(logs).values()) {
    if (change.entityType !== type || change.verb === 'archived') continue;
    sum.add(watermarkTerm(change.gg4lId, change.fingerprint));
  }
  return { active: sum.count, xor: sum.hex };
}
