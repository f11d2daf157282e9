import { createHash } from 'node:crypto';
import type { EntityType } from '#contracts';
import type { PlainRecord, Roster } from '../roster/plain-record.js';
import type { Renderer } from '../roster/render.js';
import { applyEdit, type EditCommand } from './edits.js';
import { SharedView, type Selection } from './shared-view.js';
import type { ServiceKind } from './service-kind.js';
import type { SharingState, Standing } from './sharing-state.js';
import type { StateStore } from './state.store.js';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The same pair for the same words in every run, so that a restart does not change what a client was given. */
export function deriveCredentials(...words: readonly (string | number)[]): Credentials {
  const digest = createHash('sha256')
    .update(['sandbox', ...words].join('\n'))
    .digest('hex');
  return { clientId: digest.slice(0, 24), clientSecret: digest.slice(24) };
}

/** One district: its roster, what of it is shared, and every way to change that. A change is kept before it returns. */
export class District {
  readonly view: SharedView;
  private readonly state: SharingState;

  constructor(
    readonly id: string,
    readonly name: string,
    roster: Roster,
    private readonly seed: number,
    private readonly store: StateStore,
  ) {
    this.state = store.of(id);
    this.view = new SharedView(roster, this.state);
  }

  get stamp(): string | null {
    return this.state.stamp;
  }

  get standing(): Standing {
    return this.state.standing;
  }

  get unsharedSchools(): readonly string[] {
    return [...this.state.unsharedSchools];
  }

  get service(): ServiceKind {
    return this.state.service;
  }

  credentials(): Credentials {
    return deriveCredentials(this.seed, this.id, this.state.credentialRound);
  }

  /** Applies the commands in order up to the first refused one; they move the readiness stamp unless told not to. */
  edit(commands: readonly EditCommand[], movesStamp = true): (string | null)[] {
    const at = new Date().toISOString();
    try {
      return commands.map((command) => applyEdit(this.state, this.view, command, at));
    } finally {
      this.view.refresh();
      if (movesStamp) this.moveStamp();
      else this.store.write();
    }
  }

  /** To now, or to a given value; always another than before. */
  moveStamp(stamp?: string | null): void {
    const before = this.state.stamp === null ? 0 : Date.parse(this.state.stamp);
    this.state.stamp = stamp === undefined ? new Date(Math.max(Date.now(), before + 1)).toISOString() : stamp;
    this.store.write();
  }

  stand(standing: Standing): void {
    this.state.standing = standing;
    this.store.write();
  }

  serveAs(service: ServiceKind): void {
    this.state.service = service;
    this.store.write();
  }

  rotateCredentials(): void {
    this.state.credentialRound += 1;
    this.store.write();
  }

  rows(selection: Selection, offset: number, limit: number, render: Renderer): string[] {
    const { type } = selection;
    const edits = this.state.edits[type];
    return this.view
      .slice(selection, offset, limit)
      .map((record) => (edits.size === 0 ? render(type, record) : this.renderEdited(type, record, render)));
  }

  row(type: EntityType, sourcedId: string, render: Renderer): string | null {
    const record = this.view.find(type, sourcedId);
    return record && this.renderEdited(type, record, render);
  }

  private renderEdited(type: EntityType, record: PlainRecord, render: Renderer): string {
    const text = render(type, record);
    const wire = this.state.edits[type].get(record.sourcedId)?.wire;
    return wire ? JSON.stringify({ ...(JSON.parse(text) as object), ...wire }) : text;
  }
}
