/*
 * One step of the coordinator: load what the ledger holds, carry out what follows from it, and say whether anything
 * moved. A decision is in the ledger before its marker is sent: a step that moves a run leaves its marker to the next
 * look at the ledger, so that a crash between the two loses nothing. The lease only keeps others from doing the same
 * work; what protects is that every write is conditional on the state it was decided from.
 */
import { decide, fetcherSeenIn, markerOf, missingOf, type Surroundings } from './decide.js';
import { MarkerSender } from './marker-sender.js';
import type { LedgerView, Ports } from './ports.js';
import { RunOpener } from './run-opener.js';
import { RunSettler } from './run-settler.js';
import type { OpenRun } from './runs.js';
import { SnapshotTeller } from './snapshot-teller.js';
import type { Times } from './times.js';
import { requireSane, requireSaneLease } from './view-check.js';

export interface StepSettings {
  readonly owner: string;
  readonly leaseMs: number;
  readonly partitionCount: number;
  readonly times: Times;
}

export class StepLoop {
  readonly #ports: Ports;
  readonly #settings: StepSettings;
  readonly #sender: MarkerSender;
  readonly #settler: RunSettler;
  readonly #opener: RunOpener;
  readonly #teller: SnapshotTeller;
  #activeSince = 0;
  #fetcherSeenAt = 0;
  #leaseAskedAt = Number.NEGATIVE_INFINITY;
  #isActive = false;
  /** From becoming the active one until everything that this owes was sent. */
  #owesTakeOver = false;

  constructor(ports: Ports, settings: StepSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#sender = new MarkerSender(ports, settings.partitionCount);
    this.#settler = new RunSettler(ports, settings);
    this.#opener = new RunOpener(ports, this.#sender);
    this.#teller = new SnapshotTeller(ports, this.#sender, settings.partitionCount);
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** True if anything moved, so that another step may find more. */
  async step(): Promise<boolean> {
    await this.#keepLease();
    const { views, clock, journal } = this.#ports;
    if (!this.#isActive) {
      journal.looked(null);
      return false;
    }
    const view = await views.load(clock.now());
    requireSane(view);
    journal.looked(view);
    const around = this.#surroundings(view);
    if (this.#owesTakeOver) await this.#takeOver(view, around);
    let moved = await this.#teller.announce(view.unannounced);
    for (const run of view.runs) moved = (await this.#settle(run, around)) || moved;
    moved = (await this.#opener.wantRefreshes(view.refreshes, around)) || moved;
    moved = (await this.#opener.ask(view.due, around)) || moved;
    for (const asking of view.askings) moved = (await this.#opener.follow(asking, around)) || moved;
    moved = (await this.#teller.publish(view.events)) || moved;
    if (view.awaitsPersister) moved = (await this.#teller.notePersisted()) || moved;
    return moved;
  }

  /** Renewed at a third of the lease. */
  async #keepLease(): Promise<void> {
    const { views, clock } = this.#ports;
    const { owner, leaseMs } = this.#settings;
    const now = clock.now();
    const age = now - this.#leaseAskedAt;
    if (this.#isActive && age >= 0 && age < leaseMs / 3) return;
    const lease = requireSaneLease(await views.holdLease(owner, leaseMs));
    const isNew = lease === 'taken' || (lease === 'kept' && !this.#isActive);
    this.#leaseAskedAt = now;
    this.#isActive = lease !== 'elsewhere';
    if (!isNew) return;
    this.#activeSince = now;
    this.#owesTakeOver = true;
  }

  /** ASK naming every run that is not closed, the marker of the state found, and the ASKs that wishes wait on. */
  async #takeOver(view: LedgerView, around: Surroundings): Promise<void> {
    const { nonce, journal } = this.#ports;
    for (const run of view.runs) {
      const { districtId, generation, state } = run;
      await this.#sender.everywhere({ kind: 'ask', nonce: nonce(), run: { districtId, generation } });
      const marker = markerOf(run, nonce());
      if (marker !== null && marker.kind !== 'ask') {
        await this.#sender.markerOf(run, marker, missingOf([], this.#settings.partitionCount));
      }
      journal.decided('taken-over', run, { state });
    }
    for (const asking of view.askings) await this.#opener.askAgain(asking, around);
    this.#owesTakeOver = false;
  }

  async #settle(run: OpenRun, around: Surroundings): Promise<boolean> {
    const decision = decide(run, around);
    if (decision.to === 'wait') return false;
    if (decision.to !== 'send-marker') return this.#settler.carryOut(run, decision);
    const marker = markerOf(run, this.#ports.nonce());
    if (marker !== null) await this.#sender.markerOf(run, marker, decision.partitions);
    return false;
  }

  #surroundings(view: LedgerView): Surroundings {
    const { partitionCount, times } = this.#settings;
    const now = this.#ports.clock.now();
    this.#fetcherSeenAt = Math.max(this.#fetcherSeenAt, fetcherSeenIn(view.runs, now));
    const partitions = view.partitions.filter(({ partition }) => partition < partitionCount);
    return {
      partitions,
      partitionCount,
      now,
      activeSince: this.#activeSince,
      fetcherSeenAt: this.#fetcherSeenAt,
      times,
    };
  }
}
