/* Of reading a snapshot, and of its proof. */
import type { RunKey } from '#contracts';
import type { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import { ASLEEP_MS, type Trap } from './trap.js';

const PULL_ONE_IN = 2;

/**
 * A fetcher loses its lease and sleeps with END in hand; a record that it read as withdrawn is shared again, and another
 * fetcher reads.
 */
export class ReaderReplaced implements Trap {
  #stage: 'set' | 'reading' | 'sprung' = 'set';
  #run: RunKey | null = null;
  #orgId = '';

  constructor(
    private readonly random: Random,
    private readonly onSprung: () => void,
  ) {}

  attach(world: World): void {
    const { beforeAppend, onClaim } = world;
    world.onClaim = (run) => {
      onClaim(run);
      this.#withdraw(world, run);
    };
    world.beforeAppend = (messages) => {
      beforeAppend(messages);
      if (this.#stage !== 'reading' || !world.isFaulty) return;
      if (messages.some(({ message }) => message.kind === 'end' && isOf(this.#run, message)))
        this.#replace(world);
    };
  }

  #withdraw(world: World, run: RunKey): void {
    const district = world.districts.get(run.districtId);
    const [orgId] = district?.of('orgs').keys() ?? [];
    if (this.#stage !== 'set' || !world.isFaulty || district === undefined || orgId === undefined) return;
    if (!isKnown(world, run) || !this.random.oneIn(PULL_ONE_IN)) return;
    [this.#stage, this.#run, this.#orgId] = ['reading', run, orgId];
    district.withdraw('orgs', orgId);
  }

  #replace({ districts, fetchers, ledger, scheduler }: World): void {
    this.#stage = 'sprung';
    const run = ledger.state.openRuns.get(this.#run?.districtId ?? '');
    const owner = fetchers.instances.find(({ actor }) => actor.name === run?.leaseOwner);
    if (run?.generation !== this.#run?.generation || run?.state !== 'reading' || owner === undefined) return;
    ledger.state.put({ ...run, leaseUntil: 0 });
    ledger.want(run.districtId);
    districts.get(run.districtId)?.share('orgs', this.#orgId);
    scheduler.suspend(owner.actor, ASLEEP_MS);
    this.onSprung();
  }
}

/** A pull breaks off as if all had been read, and what is absent cannot be asked for. */
export class PullCut implements Trap {
  #isSet = true;

  constructor(
    private readonly random: Random,
    private readonly onSprung: () => void,
  ) {}

  attach(world: World): void {
    const { onClaim } = world;
    world.onClaim = (run) => {
      onClaim(run);
      this.#cut(world, run);
    };
  }

  #cut(world: World, run: RunKey): void {
    const district = world.districts.get(run.districtId);
    if (district === undefined) return;
    const { isCut } = district;
    district.isCut = false;
    if (isCut) this.onSprung();
    if (!this.#isSet || !world.isFaulty || !isKnown(world, run) || !this.random.oneIn(PULL_ONE_IN)) return;
    this.#isSet = false;
    district.isCut = true;
  }
}

const isOf = (run: RunKey | null, { districtId, generation }: RunKey): boolean =>
  run?.districtId === districtId && run.generation === generation;

/** A run of the district was completed before. */
const isKnown = ({ ledger }: World, { districtId }: RunKey): boolean =>
  ledger.runsOf(districtId).some(({ state }) => state === 'completed');
