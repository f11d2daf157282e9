/* From what is due to an opened run: wishes for refreshes, one ASK for all wishes, and the openings. */
import { decideAsking, heardEpochs, missingAnswers } from './asking.js';
import { isHeldBack } from './blackouts.js';
import type { Surroundings } from './decide.js';
import type { MarkerSender } from './marker-sender.js';
import type { Ports } from './ports.js';
import { isRefreshWanted } from './refresh.js';
import type { Asking, DueWish, RefreshDue } from './runs.js';

export class RunOpener {
  readonly #ports: Ports;
  readonly #sender: MarkerSender;

  constructor(ports: Ports, sender: MarkerSender) {
    this.#ports = ports;
    this.#sender = sender;
  }

  /** What is due to be sent again gets a run soon, not only at its district's daily hour. */
  async wantRefreshes(refreshes: readonly RefreshDue[], around: Surroundings): Promise<boolean> {
    const { openings, journal, clock } = this.#ports;
    let moved = false;
    for (const due of refreshes) {
      if (!isRefreshWanted(due, around.now, around.times)) continue;
      if (!(await openings.wantRefresh(due.districtId, clock.now()))) continue;
      journal.wanted(due.districtId, due.types);
      moved = true;
    }
    return moved;
  }

  /** One ASK for all wishes that have become due and that no blackout holds back. */
  async ask(wishes: readonly DueWish[], around: Surroundings): Promise<boolean> {
    const due = wishes.filter((wish) => !isHeldBack(wish, around.now)).map(({ districtId }) => districtId);
    if (due.length === 0) return false;
    const { openings, clock, failpoint } = this.#ports;
    const nonce = this.#ports.nonce();
    await openings.ask(nonce, due, clock.now());
    failpoint('coordinator.after-decision');
    await this.#sender.everywhere({ kind: 'ask', nonce, epochs: heardEpochs(around) });
    return true;
  }

  async follow(asking: Asking, around: Surroundings): Promise<boolean> {
    const { openings, clock, journal } = this.#ports;
    const { nonce, districtIds } = asking;
    const decision = decideAsking(asking, around);
    switch (decision.to) {
      case 'wait':
        return false;
      case 'ask-again':
        await this.#sender.to(decision.partitions, { kind: 'ask', nonce, epochs: heardEpochs(around) });
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

  /** To those who have not answered: the coordinator that asked first may never have sent it. */
  async askAgain(asking: Asking, around: Surroundings): Promise<void> {
    const missing = missingAnswers(asking, around);
    if (missing.length === 0) return;
    const epochs = heardEpochs(around);
    await this.#sender.to(missing, { kind: 'ask', nonce: asking.nonce, epochs });
    await this.#ports.openings.askedAgain(asking.nonce, around.now);
  }

  async #open(asking: Asking, epochs: Readonly<Record<string, number>>): Promise<boolean> {
    const { openings, clock, journal, failpoint } = this.#ports;
    let moved = false;
    for (const districtId of asking.districtIds) {
      failpoint('coordinator.before-opened');
      const generation = await openings.open(districtId, asking.nonce, epochs, clock.now());
      if (generation === null) continue;
      failpoint('coordinator.after-opened');
      journal.decided('opened', { districtId, generation }, {});
      moved = true;
    }
    return moved;
  }
}
