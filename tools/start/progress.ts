/** What the runs are doing: a block redrawn in place on a terminal, a line for every step elsewhere. */
import { ENTITY_TYPES } from '#contracts';
import type { RunView } from './admin-api.client.js';
import { isSettled, type DistrictRun } from './runs.js';
import { formatTable } from './summary.js';

const LINE_EVERY_MS = 5_000;

export interface Screen {
  readonly isTTY?: boolean;
  readonly rows?: number;
  readonly columns?: number;
  write(text: string): unknown;
}

export class Progress {
  readonly #screen: Screen;
  readonly #told = new Map<string, { readonly step: string; readonly counts: string; readonly at: number }>();
  #block: readonly string[] = [];

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  say(line: string): void {
    const block = this.#block;
    this.clear();
    this.#screen.write(`rollcall: ${line}\n`);
    this.#draw(block);
  }

  show(districts: readonly DistrictRun[], now = Date.now()): void {
    if (this.#screen.isTTY !== true) return this.#tell(districts, now);
    for (const district of districts) this.#note(district, now);
    const rows = (this.#screen.rows ?? 24) - 2;
    const full = districts.flatMap(blockOf);
    const lines = full.length <= rows ? full : districts.map(headOf);
    const hidden = lines.length - rows;
    this.clear();
    this.#draw(hidden > 0 ? [...lines.slice(0, rows - 1), `… and ${hidden + 1} more`] : lines);
  }

  /** As show(), for a long time: on a terminal a run that is settled leaves the block and gets its line. */
  watch(districts: readonly DistrictRun[], now = Date.now()): void {
    if (this.#screen.isTTY !== true) return this.#tell(districts, now);
    const settled = districts.filter(({ run }) => run === null || isSettled(run));
    this.#tell(settled, now);
    this.show(districts.filter((district) => !settled.includes(district)));
  }

  clear(): void {
    if (this.#block.length > 0) this.#screen.write(`\x1b[${this.#block.length}A\x1b[J`);
    this.#block = [];
  }

  #draw(lines: readonly string[]): void {
    const width = (this.#screen.columns ?? 80) - 1;
    for (const line of lines) this.#screen.write(`${line.slice(0, width)}\n`);
    this.#block = lines;
  }

  #tell(districts: readonly DistrictRun[], now: number): void {
    for (const district of districts) {
      const told = this.#told.get(district.districtId);
      const { step, counts } = stepOf(district);
      const isNew = told?.step !== step;
      if (!isNew && (told.counts === counts || now - told.at < LINE_EVERY_MS)) continue;
      this.#note(district, now);
      this.say(`${step}${counts}`);
    }
  }

  #note(district: DistrictRun, at: number): void {
    this.#told.set(district.districtId, { ...stepOf(district), at });
  }
}

/** Another step is told at once, other counts now and then. */
const stepOf = (district: DistrictRun) => ({
  step: stateOf(district),
  counts: district.run === null ? '' : `${partitionsOf(district.run)}${countsOf(district.run)}`,
});

function stateOf({ districtId, name, suspended, run }: DistrictRun): string {
  const head = `${name} (${districtId})`;
  if (run === null) return `${head}: ${suspended === null ? 'asking for a run' : `suspended, ${suspended}`}`;
  const persisted = run.state === 'completed' && run.persisted ? ' and persisted' : '';
  return `${head}, run ${run.generation}: ${run.state}${persisted}`;
}

const headOf = (district: DistrictRun): string =>
  `${stateOf(district)}${district.run === null ? '' : partitionsOf(district.run)}`;

function partitionsOf({ state, partitions }: RunView): string {
  const of = (step: 'planned' | 'applied' | 'swept'): string =>
    `, ${partitions.filter((partition) => partition[step]).length} of ${partitions.length} partitions ${step}`;
  if (state === 'read') return of('planned');
  if (state === 'applying') return of('applied');
  return state === 'sweeping' ? of('swept') : '';
}

interface Counts {
  readonly read: number;
  readonly planned: number;
  readonly applied: number;
}

/** `planned`: changes that the plan holds; `applied`: those that were sent. */
function countsPerType(run: RunView): readonly (readonly [string, Counts])[] {
  return ENTITY_TYPES.map((type) => {
    const { created = 0, updated = 0, restored = 0, archived = 0 } = run.types[type] ?? {};
    const applied = Object.values(run.applied[type] ?? {}).reduce((sum, count) => sum + count, 0);
    return [
      type,
      { read: run.progress[type] ?? 0, planned: created + updated + restored + archived, applied },
    ];
  });
}

function blockOf(district: DistrictRun): readonly string[] {
  const { run } = district;
  if (run === null) return [headOf(district)];
  const rows = countsPerType(run).map(([type, { read, planned, applied }]) => [
    type,
    ...[read, planned, applied].map(String),
  ]);
  const table = formatTable([['', 'read', 'planned', 'applied'], ...rows]);
  return [headOf(district), ...table.split('\n')];
}

function countsOf(run: RunView): string {
  const counts = countsPerType(run).map(([, perType]) => perType);
  const total = (of: keyof Counts): number => counts.reduce((sum, count) => sum + count[of], 0);
  const isPlanned = Object.keys(run.types).length > 0;
  if (!isPlanned) return total('read') === 0 ? '' : ` · ${total('read')} read`;
  return ` · ${total('read')} read, ${total('planned')} changes planned, ${total('applied')} applied`;
}
