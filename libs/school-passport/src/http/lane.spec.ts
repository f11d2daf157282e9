import { describe, expect, it } from '@jest/globals';
import { Lane, type LaneSign, type Place } from './lane.js';

const settings = { concurrency: 8, maxRetryAfterMs: 10_000 };

/** So many requests that end in this way, with others always waiting for their place. */
async function busy(lane: Lane, requests: number, sign: LaneSign): Promise<number> {
  const stops = Array.from({ length: 20 }, () => new AbortController());
  const others = stops.map(({ signal }) => lane.enter(signal).catch(() => undefined));
  for (let ended = 0; ended < requests; ended += 1) (await others.shift())?.leave(sign);
  for (const stop of stops) stop.abort();
  for (const other of others) (await other)?.leave('nothing');
  return lane.concurrency;
}

/** As many requests as are let in, all ending in this way. */
async function round(lane: Lane, sign: LaneSign): Promise<number> {
  const places: Place[] = [];
  while (places.length < lane.concurrency) places.push(await lane.enter());
  for (const place of places) place.leave(sign);
  return lane.concurrency;
}

describe('requests of one credential', () => {
  it('begin as few, and are one more after each round of good answers, up to the most', async () => {
    const lane = new Lane({ ...settings, concurrency: 4 });
    expect(lane.concurrency).toBe(2);
    expect(await busy(lane, 1, 'good')).toBe(2);
    expect(await busy(lane, 1, 'good')).toBe(3);
    expect(await busy(lane, 2, 'good')).toBe(3);
    expect(await busy(lane, 2, 'good')).toBe(4);
    expect(await busy(lane, 15, 'good')).toBe(4);
  });

  it('are half as many after 429, 5xx or a time-out, however many of them failed together', async () => {
    const lane = new Lane(settings);
    while ((await busy(lane, 5, 'good')) < 8);
    expect(await round(lane, 'overload')).toBe(4);
    expect(await round(lane, 'overload')).toBe(2);
  });

  it('are never fewer than one', async () => {
    const lane = new Lane(settings);
    for (let rounds = 0; rounds < 4; rounds += 1) await round(lane, 'overload');
    expect(lane.concurrency).toBe(1);
  });

  it('do not become more while fewer than allowed are sent', async () => {
    const lane = new Lane(settings);
    for (let requests = 0; requests < 20; requests += 1) (await lane.enter()).leave('good');
    expect(lane.concurrency).toBe(2);
  });

  it('wait for a place in the order they came', async () => {
    const lane = new Lane({ ...settings, concurrency: 1 });
    const first = await lane.enter();
    const entered: string[] = [];
    const waiting = ['a', 'b'].map(async (name) => {
      const place = await lane.enter();
      entered.push(name);
      place.leave('good');
    });
    first.leave('good');
    await Promise.all(waiting);
    expect(entered).toEqual(['a', 'b']);
  });

  it('all wait as long as the source asks of one of them', async () => {
    let now = 0;
    const lane = new Lane(settings, () => now);
    (await lane.enter()).leave('overload');
    lane.hold(30);
    let isIn = false;
    const waiting = lane.enter().then(() => (isIn = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isIn).toBe(false);
    now = 30;
    await waiting;
    expect(isIn).toBe(true);
  });

  it('end at once when the source asks for a longer wait than a pull waits', async () => {
    const lane = new Lane({ ...settings, concurrency: 1 }, () => 0);
    const place = await lane.enter();
    const waiting = lane.enter();
    lane.hold(10_001);
    await expect(waiting).rejects.toMatchObject({ code: 'asked-to-wait', retryAfterMs: 10_001 });
    await expect(lane.enter()).rejects.toMatchObject({ code: 'asked-to-wait' });
    place.leave('nothing');
  });

  it('are let in again an hour after the source asked for far longer', async () => {
    let now = 0;
    const lane = new Lane(settings, () => now);
    lane.hold(1_790_000_000_000);
    await expect(lane.enter()).rejects.toMatchObject({ code: 'asked-to-wait', retryAfterMs: 3_600_000 });
    now = 3_600_000;
    (await lane.enter()).leave('good');
  });

  it('that are stopped while they wait leave the others their place', async () => {
    const lane = new Lane({ ...settings, concurrency: 1 });
    const first = await lane.enter();
    const stop = new AbortController();
    const stopped = lane.enter(stop.signal);
    const other = lane.enter();
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'stopped' });
    first.leave('good');
    (await other).leave('good');
  });
});
