/* The fetcher's own reading of a run, and its asking for absent records, over the ports in memory. */
import type { ClaimedConfirmation, ClaimedRun } from '#ledger';
import { RunConfirmation } from '../../../apps/fetcher/src/confirming/confirm-run.js';
import type { ConfirmPorts, Placed, Ports as FetcherPorts } from '../../../apps/fetcher/src/ports.js';
import { RunFetch } from '../../../apps/fetcher/src/run/fetch-run.js';
import type { Instance } from './fleet.js';
import { Writer } from './logs.js';
import { forever } from './scheduler.js';
import { SimulatedSource } from './source.js';
import { stepped } from './stepped.js';
import { same, type Surroundings } from './surroundings.js';
import { young } from './young.js';

const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const POLL_MS = 5_000;
/** Runs that may be read at once: never the limit here. */
const AT_ONCE = 100;

/** A fetcher that claims one run after the other. */
export function startFetcher(around: Surroundings, partitions: number): (instance: Instance) => void {
  const { scheduler, random, topics } = around;
  return ({ actor }) => {
    const writer = new Writer(topics, scheduler, actor, random);
    const ports: FetcherPorts = {
      ledger: stepped(
        (around.tampering.reading ?? same)(around.ledger.reading, around),
        scheduler,
        actor,
        random,
      ),
      log: {
        append: young((messages) => {
          around.beforeAppend(messages);
          const { sent = same } = around.tampering;
          return writer.raw(inFew(sent(messages, random), around.recordsAtMost));
        }),
        report: young((report) => writer.report([report])),
        deadLetters: young((letters) => writer.deadLetters(letters)),
      },
      source: new SimulatedSource(around.districts, scheduler, actor, random, around.mayFail),
      clock: {
        elapsedMs: young(() => scheduler.now),
        timestamp: young(() => new Date(scheduler.now).toISOString()),
        delay: young((ms, signal) => scheduler.delay(actor, ms, signal)),
      },
    };
    const settings = { owner: actor.name, partitions, leaseMs: LEASE_MS, renewMs: RENEW_MS };
    const confirming: ConfirmPorts = {
      ...{ source: ports.source, clock: ports.clock },
      ledger: stepped(around.ledger.confirming as ConfirmPorts['ledger'], scheduler, actor, random),
    };
    forever(scheduler, async () => {
      const askedAt = scheduler.now;
      const run: ClaimedConfirmation | null = await confirming.ledger.claim(actor.name, LEASE_MS);
      if (run === null) return scheduler.delay(actor, random.below(POLL_MS));
      await new RunConfirmation(run, confirming, settings, askedAt).confirm();
    });
    forever(scheduler, async () => {
      const askedAt = scheduler.now;
      const run: ClaimedRun | null = await ports.ledger.claim(actor.name, LEASE_MS, AT_ONCE);
      if (run === null) return scheduler.delay(actor, random.below(POLL_MS));
      around.onClaim(run);
      await new RunFetch(run, ports, settings, askedAt).fetch();
    });
  };
}

function inFew(placed: readonly Placed[], atMost: number): readonly Placed[] {
  if (!Number.isFinite(atMost)) return placed;
  return placed.flatMap(({ partition, message }) => {
    if (message.kind !== 'records') return [{ partition, message }];
    const parts: Placed[] = [];
    for (let at = 0; at < message.records.length; at += atMost)
      parts.push({ partition, message: { ...message, records: message.records.slice(at, at + atMost) } });
    return parts;
  });
}
