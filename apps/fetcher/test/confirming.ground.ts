/* A run whose absent records are asked for, over ports in memory. */
import { expect } from '@jest/globals';
import type { EntityType, PerType } from '#contracts';
import type { ClaimedConfirmation } from '#ledger';
import { RunConfirmation, type ConfirmOutcome } from '../src/confirming/confirm-run.js';
import type { ConfirmPorts, SingleAnswer } from '../src/ports.js';
import { MemoryPorts } from './memory.ports.js';

const settings = { owner: 'me', leaseMs: 15_000, renewMs: 5_000 };
export const GONE: SingleAnswer = { kind: 'gone' };
export const there = (sourcedId: string, more: object = {}): SingleAnswer => ({
  kind: 'record',
  row: { sourcedId, status: 'active', givenName: 'A', ...more },
});
export const silent = (why: string): SingleAnswer => ({ kind: 'silent', why });
export const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `u${n}`);

export const run = (
  absent: ClaimedConfirmation['absent'],
  known: PerType<string> = { users: 'known', classes: 'known', orgs: 'known' },
): ClaimedConfirmation => ({ districtId: 'd1', generation: 7, absent, known, version: '1.1' });
export const users = (count: number, of = count) => run({ users: { count: of, ids: ids(count) } });

export type Answers = (gg4lId: string, type: EntityType) => SingleAnswer | Promise<SingleAnswer>;

export interface Confirming {
  readonly ports: MemoryPorts;
  readonly asked: string[];
  readonly confirmation: RunConfirmation;
  readonly outcome: () => Promise<ConfirmOutcome>;
}

/** A source with single records: whoever is known is there, the others are as told. */
export function confirming(claimed: ClaimedConfirmation, answers: Answers): Confirming {
  const ports = new MemoryPorts();
  const asked: string[] = [];
  ports.onReadOne = (type, gg4lId) => {
    asked.push(`${type}/${gg4lId}`);
    return answers(gg4lId, type);
  };
  const { source, clock } = ports;
  const needed: ConfirmPorts = { ledger: ports.confirming, source, clock };
  const confirmation = new RunConfirmation(claimed, needed, settings, clock.elapsedMs());
  return { ports, asked, confirmation, outcome: () => confirmation.confirm() };
}

export const withKnown =
  (answer: Answers): Answers =>
  (gg4lId, type) =>
    gg4lId === 'known' ? there('known') : answer(gg4lId, type);

export async function found(claimed: ClaimedConfirmation, answers: Answers) {
  const { ports, outcome } = confirming(claimed, answers);
  expect(await outcome()).toMatchObject({ kind: 'confirmed' });
  return ports.confirmation;
}
