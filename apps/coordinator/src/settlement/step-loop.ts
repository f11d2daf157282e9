/*
 * One step of the coordinator: load what the ledger holds, carry out what follows from it, and say whether anything
 * moved. A decision is in the ledger before its marker is sent: a step that moves a run leaves its marker to the next
 * look at the ledger, so that a crash between the two loses nothing. The lease only keeps others from doing the same
 * work; what protects is that every write is conditional on the state it was decided from.
 */
import { ENTITY_TYPES } from '#contracts';
import { decideAsking } from './asking.js';
import { decide, markerOf, missingOf, type Surroundings } from './decide.js';
import type { LedgerView, Ports } from './ports.js';
import { RunSettler } from './run-settler.js';
import type { Asking, OpenRun } from './runs.js';
import type { Times } from './times.js';

export interface StepSettings {
  readonly owner: string;
  readonly leaseMs: number;
  readonly partitionCount: number;
  readonly times: Times;
}

export class StepLoop {
  readonly #ports: Ports;
  readonly #settings: StepSettings;
  readonly #settler: RunSettler;
  readonly #everywhere: readonly number[];
  #activeSince = 0;
  #leaseAskedAt = Number.NEGATIVE_INFINITY;
  #isActive = false;

  constructor(ports: Ports, settings: StepSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#settler = new RunSettler(ports, settings.times);
    this.#everywhere = missingOf([], settings.partitionCount);
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** True if anything moved, so that another step may find more. */
  async step(): Promise<boolean> {
    const hasTakenOver = await this.#keepLease();
    if (!this.#isActive) return false;
    const { views, clock, journal } = this.#ports;
    const view = await views.load(clock.now());
    journal.looked(view.runs);
    if (hasTakenOver) await this.#takeOver(view);
    const around = this.#surroundings(view);
    let moved = false;
    moved = (await this.#announce(view)) || moved;
    for (const run of view.runs) moved = (await this.#settle(run, around)) || moved;
    moved = (await this.#ask(view)) || moved;
    for (const asking of view.askings) moved = (await this.#followAsking(asking, around)) || moved;
    moved = (await this.#publishEvents(view)) || moved;
    if (view.awaitsPersister) moved = (await this.#notePersisted()) || moved;
    return moved;
  }

  /** True when this coordinator has just become the active one. Renewed at a third of the lease. */
  async #keepLease(): Promise<boolean> {
    const { views, clock } = this.#ports;
    const { owner, leaseMs } = this.#settings;
    const now = clock.now();
    if (this.#isActive && now - this.#leaseAskedAt < leaseMs / 3) return false;
    const lease = await views.holdLease(owner, leaseMs);
    const hasTakenOver = lease === 'taken' || (lease === 'kept' && !this.#isActive);
    this.#leaseAskedAt = now;
    this.#isActive = lease !== 'elsewhere';
    if (hasTakenOver) this.#activeSince = now;
    return hasTakenOver;
  }

  /** ASK naming every run that is not closed, then the marker of the state found. */
  async #takeOver(view: LedgerView): Promise<void> {
    const { rawLog, nonce, ledger, clock, journal } = this.#ports;
    for (const run of view.runs) {
      const { districtId, generation, state } = run;
      await rawLog.publish(
        { kind: 'ask', nonce: nonce(), run: { districtId, generation } },
        this.#everywhere,
      );
      const marker = markerOf(run, nonce());
      if (marker !== null && marker.kind !== 'ask') {
        await rawLog.publish(marker, this.#everywhere);
        await ledger.markerSent(run, state, clock.now());
      }
      journal.decided('taken-over', run, { state });
    }
  }

  async #announce(view: LedgerView): Promise<boolean> {
    const { rawLog, ledger, clock, failpoint } = this.#ports;
    for (const { districtId, generation, reason } of view.unannounced) {
      await rawLog.publish({ kind: 'abort', districtId, generation, reason }, this.#everywhere);
      failpoint('coordinator.after-marker');
      await ledger.announced({ districtId, generation }, clock.now());
    }
    return view.unannounced.length > 0;
  }

  async #settle(run: OpenRun, around: Surroundings): Promise<boolean> {
    const { rawLog, ledger, clock, nonce, failpoint } = this.#ports;
    const decision = decide(run, around);
    if (decision.to === 'wait') return false;
    if (decision.to !== 'send-marker') return this.#settler.carryOut(run, decision);
    const marker = markerOf(run, nonce());
    if (marker === null) return false;
    await rawLog.publish(marker, decision.partitions);
    failpoint('coordinator.after-marker');
    await ledger.markerSent(run, run.state, clock.now());
    return false;
  }

  /** One ASK for all wishes that have become due. */
  async #ask(view: LedgerView): Promise<boolean> {
    if (view.due.length === 0) return false;
    const { openings, rawLog, clock, failpoint } = this.#ports;
    const nonce = this.#ports.nonce();
    await openings.ask(nonce, view.due, clock.now());
    failpoint('coordinator.after-decision');
    await rawLog.publish({ kind: 'ask', nonce }, this.#everywhere);
    failpoint('coordinator.after-marker');
    return true;
  }

  async #followAsking(asking: Asking, around: Surroundings): Promise<boolean> {
    const { openings, rawLog, clock, journal } = this.#ports;
    const { nonce, districtIds } = asking;
    const decision = decideAsking(asking, around);
    switch (decision.to) {
      case 'wait':
        return false;
      case 'ask-again':
        await rawLog.publish({ kind: 'ask', nonce }, decision.partitions);
        await openings.askedAgain(nonce, decision.asOf);
        return false;
      case 'postpone':
        await openings.postpone(nonce, decision.trouble, clock.now() + around.times.postponeMs);
        journal.trouble(decision.trouble, { districtIds });
        return false;
      case 'open':
        return this.#open(asking, decision.epochs);
    }
  }

  async #open(asking: Asking, epochs: Readonly<Record<string, number>>): Promise<boolean> {
    const { openings, clock, journal } = this.#ports;
    let moved = false;
    for (const districtId of asking.districtIds) {
      const generation = await openings.open(districtId, asking.nonce, epochs, clock.now());
      if (generation === null) continue;
      journal.decided('opened', { districtId, generation }, {});
      moved = true;
    }
    return moved;
  }

  async #publishEvents(view: LedgerView): Promise<boolean> {
    if (view.events.length === 0) return false;
    const { snapshotLog, ledger, clock } = this.#ports;
    await snapshotLog.publish(view.events);
    await ledger.published(
      view.events.map(({ id }) => id),
      clock.now(),
    );
    return true;
  }

  async #notePersisted(): Promise<boolean> {
    const { ledger, clock, journal } = this.#ports;
    const watermarks = ENTITY_TYPES.length * this.#settings.partitionCount;
    const runs = await ledger.notePersisted(watermarks, clock.now());
    for (const run of runs) journal.decided('persisted', run, {});
    return runs.length > 0;
  }

  #surroundings(view: LedgerView): Surroundings {
    const { partitionCount, times } = this.#settings;
    const partitions = view.partitions.filter(({ partition }) => partition < partitionCount);
    return {
      partitions,
      partitionCount,
      now: this.#ports.clock.now(),
      activeSince: this.#activeSince,
      times,
    };
  }
}
