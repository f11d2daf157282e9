/*
 * What every implementation of the logs must do, in Kafka and in memory: ranges, order, places of fences, what lies
 * below a log's start, and which topic and partition an append goes to.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Change, EntityType, RawMessage, Report, WatermarkFields } from '#contracts';
import { digestAttributes, NO_DIGESTS } from '#oneroster';
import type { LoggedChange, Logs, PlacedMessage } from '../src/reconciliation/ports.js';
import { DISTRICT, rawRecord, snapshotMessages } from './district.fixture.js';

export interface LogsGround {
  readonly logs: Logs;
  /** Appends to a raw partition as coordinator and fetcher do. */
  appendRaw(partition: number, messages: readonly RawMessage[]): Promise<void>;
  /** Raw messages below this offset are gone, as by retention. */
  cutRaw(partition: number, below: bigint): Promise<void>;
  /** All reports so far. */
  reports(): Promise<readonly Report[]>;
  close(): Promise<void>;
}

const P = 1;
const LINE = { districtId: DISTRICT, partition: P, generation: 10, epoch: 1 };

let ground: LogsGround;

export function contractOfLogs(open: () => Promise<LogsGround>): void {
  beforeAll(async () => {
    ground = await open();
  }, 60_000);
  afterAll(() => ground.close(), 60_000);
  describe('change topics', contractOfChanges);
  describe('the raw log', contractOfRaw);
  it('reports arrive in the order given', async () => {
    const { logs } = ground;
    await logs.report([{ kind: 'rebuilding', partition: P, epoch: 2 }]);
    const ready = { kind: 'ready', partition: P, epoch: 2, nonce: 'n' } as const;
    await logs.report([ready, { kind: 'rebuilding', partition: P, epoch: 3 }]);
    expect((await ground.reports()).map(({ kind }) => kind)).toEqual(['rebuilding', 'ready', 'rebuilding']);
  });
}

function contractOfChanges(): void {
  it('give back events, watermarks and fences of one partition of one type, in order', async () => {
    const { logs } = ground;
    const from = await endOf('users');
    await logs.emit(P, [changeOf('ada', 'created'), { ...changeOf('m1', 'created'), entityType: 'courses' }]);
    await logs.emit(P, [changeOf('ben', 'archived')]);
    await logs.emit(0, [changeOf('elsewhere', 'created')]);
    await logs.emitWatermarks(P, [watermarkOf('users'), watermarkOf('enrollments')]);
    const fencedAt = await logs.fenceChange(P, 'users', 2, 'me.1');
    expect(fencedAt).toBe((await endOf('users')) - 1n);
    const messages = await changesIn('users', from, await endOf('users'));
    expect(messages.map(inShort)).toEqual(['created ada', 'archived ben', 'watermark 10', 'fence me.1']);
    expect(messages.map(({ offset }) => offset)).toEqual([from, from + 1n, from + 2n, fencedAt]);
    expect(await shortIn('courses')).toEqual(['created m1']);
    expect(await shortIn('enrollments')).toEqual(['watermark 10']);
  });

  it('give of an event what a rebuild needs, bytes and all', async () => {
    const from = await endOf('orgs');
    const change = changeOf('north', 'created', 'orgs');
    const archive = changeOf('north', 'archived', 'orgs');
    const archivedAt = '2024-07-01T06:00:00.000Z';
    await ground.logs.emit(P, [change, archive, { ...archive, cause: 'refresh', archivedAt }]);
    const [read, archived, repeated] = await changesIn('orgs', from, from + 3n);
    const { districtId, gg4lId, verb, generation, epoch, fingerprint, schoolHash } = change;
    const event = { districtId, gg4lId, verb, generation, epoch, fingerprint, schoolHash };
    const digests = digestAttributes('orgs', change.body ?? Buffer.alloc(0));
    expect(digests).not.toHaveLength(0);
    expect(read).toEqual({ kind: 'change', offset: from, ...event, digests, archivedAtMs: 0 });
    const at = { digests: NO_DIGESTS, archivedAtMs: Date.parse(archive.time) };
    expect(archived).toEqual({ ...{ kind: 'change', offset: from + 1n, ...event }, verb: 'archived', ...at });
    expect(repeated).toMatchObject({ verb: 'archived', archivedAtMs: Date.parse(archivedAt) });
  });

  it('keep to a range, and begin at their start below it', async () => {
    const end = await endOf('users');
    const all = await changesIn('users', 0n, end);
    expect(all.length).toBe(Number(end));
    expect(await changesIn('users', 1n, 3n)).toEqual(all.slice(1, 3));
    expect(await changesIn('users', -5n, 2n)).toEqual(all.slice(0, 2));
    expect(await changesIn('users', end, end)).toEqual([]);
  });

  it('keep fences of one epoch by different authors apart', async () => {
    const { logs } = ground;
    const first = await logs.fenceChange(P, 'classes', 5, 'one.1');
    const second = await logs.fenceChange(P, 'classes', 5, 'other.1');
    expect(second).toBe((first ?? -1n) + 1n);
    expect(await shortIn('classes')).toEqual(['fence one.1', 'fence other.1']);
  });
}

function contractOfRaw(): void {
  it('gives back a range in order, each message at its offset', async () => {
    const messages = snapshotMessages(10, { users: { ada: 'v1', ben: 'v1' } });
    const from = (await ground.logs.rawEnds(P)).end;
    await ground.appendRaw(P, messages);
    const { end } = await ground.logs.rawEnds(P);
    expect(end).toBe(from + BigInt(messages.length));
    const placed = await rawIn(from, end);
    expect(placed.map(({ offset }) => offset)).toEqual(messages.map((_, at) => from + BigInt(at)));
    expect(placed.map(({ message }) => message?.kind)).toEqual(messages.map(({ kind }) => kind));
    expect(placed[1]?.message).toEqual(messages[1]);
    expect(await rawIn(from + 1n, from + 2n)).toEqual(placed.slice(1, 2));
  });

  it('tells the offset of a fence, which is read there', async () => {
    const fencedAt = await ground.logs.fenceRaw(P, 3, 'me.1');
    const { end } = await ground.logs.rawEnds(P);
    expect(end).toBe(fencedAt + 1n);
    const message = { kind: 'fence', epoch: 3, author: 'me.1' };
    expect(await rawIn(fencedAt, end)).toEqual([{ offset: fencedAt, message }]);
  });

  it('is of one partition', async () => {
    const { end } = await ground.logs.rawEnds(P);
    await ground.logs.fenceRaw(0, 3, 'me.2');
    expect((await ground.logs.rawEnds(P)).end).toBe(end);
  });

  it('refuses a range that begins below its start, or above its end', async () => {
    const { end } = await ground.logs.rawEnds(P);
    await expect(rawIn(end + 5n, end + 6n)).rejects.toThrow(/outside|below|above/);
    await ground.cutRaw(P, 2n);
    expect((await ground.logs.rawEnds(P)).start).toBe(2n);
    expect((await rawIn(2n, 3n)).length).toBe(1);
    await expect(rawIn(1n, 3n)).rejects.toThrow(/outside|below|above/);
  });
}

function changeOf(gg4lId: string, verb: Change['verb'], entityType: EntityType = 'users'): Change {
  const { fingerprint, schoolHash, body } = rawRecord(gg4lId, 'v1', 'north');
  const of = { districtId: DISTRICT, entityType, gg4lId, verb, generation: 10, epoch: 1 } as const;
  const time = '2024-08-01T06:00:00.000Z';
  return { ...of, time, fingerprint, schoolHash, ...(verb === 'archived' ? { cause: 'absent' } : { body }) };
}

function watermarkOf(entityType: EntityType): WatermarkFields {
  return { ...LINE, entityType, time: '', active: 1, xor: '0000000000000000' };
}

async function endOf(entityType: EntityType): Promise<bigint> {
  return (await ground.logs.changeEnds(P, entityType)).end;
}

async function changesIn(entityType: EntityType, from: bigint, to: bigint): Promise<LoggedChange[]> {
  const messages: LoggedChange[] = [];
  for await (const batch of ground.logs.readChanges(P, entityType, from, to)) messages.push(...batch);
  return messages;
}

async function shortIn(entityType: EntityType): Promise<string[]> {
  return (await changesIn(entityType, 0n, await endOf(entityType))).map(inShort);
}

async function rawIn(from: bigint, to: bigint): Promise<PlacedMessage[]> {
  const placed: PlacedMessage[] = [];
  for await (const batch of ground.logs.readRaw(P, from, to)) placed.push(...batch);
  return placed;
}

function inShort(message: LoggedChange): string {
  if (message.kind === 'change') return `${message.verb} ${message.gg4lId}`;
  if (message.kind === 'fence') return `fence ${message.author}`;
  return message.kind === 'watermark' ? `watermark ${message.generation}` : message.kind;
}
