import { describe, expect, it } from '@jest/globals';
import { SchoolPassportError } from '#school-passport';
import { confirming, GONE, there, users, withKnown } from '../../test/confirming.ground.js';

describe('a run that is to be confirmed', () => {
  const refused = new SchoolPassportError('unauthorized', 'the source refuses renewed credentials');

  it('fails, for another pull to try, where the source refuses the district', async () => {
    const { ports, outcome } = confirming(users(2), () => Promise.reject(refused));
    expect(await outcome()).toEqual({ kind: 'failed', reason: refused.message, retry: 'source' });
    expect(ports.failure).toEqual({ reason: refused.message, retry: 'source' });
    expect(ports.confirmation).toBeUndefined();
  });

  it('fails, for another pull to try, where the source does not name the district any more', async () => {
    const { ports, outcome } = confirming(users(2), () => GONE);
    ports.district = null;
    expect(await outcome()).toMatchObject({ kind: 'failed' });
    expect(ports.failure?.retry).toBe('source');
  });

  it('fails where the source has another OneRoster version by now: its 404 is of another id space', async () => {
    const { asked, ports, outcome } = confirming({ ...users(2), version: '1.2' }, () => GONE);
    expect(await outcome()).toEqual({
      kind: 'failed',
      reason: 'it was read with OneRoster 1.2, and the source is 1.1 now',
      retry: 'none',
    });
    expect(ports.failure?.retry).toBe('none');
    expect(asked).toEqual([]);
  });

  it('is asked for where the version it was read with was not noted', async () => {
    const { ports, outcome } = confirming(
      { ...users(1), version: null },
      withKnown(() => GONE),
    );
    await outcome();
    expect(ports.confirmation?.state).toBe('proven');
  });

  it('is not confirmed, and goes on, where the source cannot even be found', async () => {
    const { ports, outcome } = confirming(users(2), () => GONE);
    ports.source.find = () => Promise.reject(new SchoolPassportError('timeout', 'no whole answer in time'));
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.confirmation).toMatchObject({ state: 'not available', stillThere: {} });
  });

  it('is lost with its lease, and nothing is noted', async () => {
    const { ports, outcome } = confirming(
      users(50),
      withKnown(async () => {
        await ports.clock.pass(1_000);
        return GONE;
      }),
    );
    ports.renewal = () => Promise.resolve(false);
    expect(await outcome()).toEqual({ kind: 'lost' });
    expect(ports.happened).toEqual(['renew']);
  });

  it('keeps its lease while it is asked for', async () => {
    const { ports, outcome } = confirming(
      users(50),
      withKnown(async () => {
        await ports.clock.pass(1_000);
        return GONE;
      }),
    );
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.happened.filter((what) => what === 'renew').length).toBeGreaterThanOrEqual(5);
  });

  it('is given up at once to another fetcher by one that stops', async () => {
    const { ports, confirmation, outcome } = confirming(users(9), (id) => {
      confirmation.stop();
      return there(id);
    });
    expect(await outcome()).toEqual({ kind: 'lost' });
    expect(ports.happened).toEqual(['give up']);
  });

  it('is abandoned by a bug, which is thrown on', async () => {
    const { ports, outcome } = confirming(users(2), () => Promise.reject(new TypeError('a bug')));
    await expect(outcome()).rejects.toThrow('a bug');
    expect(ports.happened).toEqual([]);
  });
});
