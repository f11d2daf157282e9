import type { SandboxClient } from './sandbox.client.js';

const GONE_AT_ONCE = 4;
const CHANGED_PERCENT = 5;

/** Changes a district so that its next run creates, updates, archives and (from the second time on) restores. */
export class Stir {
  #times = 0;
  #gone: readonly string[] = [];

  constructor(
    private readonly sandbox: SandboxClient,
    private readonly districtId: string,
  ) {}

  async stir(): Promise<void> {
    const { sandbox, districtId } = this;
    this.#times += 1;
    const shared = await sandbox.shared(districtId, 'demographics');
    const going = shared.slice(0, GONE_AT_ONCE).map(({ sourcedId }) => sourcedId);
    const name = `School ${this.#times}`;
    await sandbox.edit(districtId, [
      ...this.#gone.map((sourcedId) => ({ verb: 'reshare', type: 'demographics', sourcedId })),
      ...going.map((sourcedId) => ({ verb: 'remove', type: 'demographics', sourcedId })),
      { verb: 'add', type: 'orgs', record: { name, type: 'school', identifier: `stir-${this.#times}` } },
    ]);
    await sandbox.change(districtId, CHANGED_PERCENT);
    this.#gone = going;
  }
}
