/*
 * Edits of all districts in one file of the data folder. A write replaces the file in one step and is on disk before
 * the control interface answers, so a restart at any instant finds every edit that was answered.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fromStored, initialState, toStored, type SharingState, type StoredState } from './sharing-state.js';

const FILE = 'edits.json';

export class StateStore {
  private readonly file: string;
  private readonly states = new Map<string, SharingState>();
  private readonly unread = new Map<string, StoredState>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, FILE);
    if (!existsSync(this.file)) return;
    const stored = JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, StoredState>;
    for (const [districtId, state] of Object.entries(stored)) this.unread.set(districtId, state);
  }

  /** The district's state; the caller changes it in place and then calls `write`. */
  of(districtId: string): SharingState {
    const known = this.states.get(districtId);
    if (known) return known;
    const stored = this.unread.get(districtId);
    const state = stored ? fromStored(stored) : initialState();
    this.states.set(districtId, state);
    return state;
  }

  /** Keeps the edits of districts that are not served now. */
  write(): void {
    const stored = Object.fromEntries(this.unread);
    for (const [districtId, state] of this.states) stored[districtId] = toStored(state);
    const next = `${this.file}.next`;
    const handle = openSync(next, 'w');
    try {
      writeSync(handle, JSON.stringify(stored));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, this.file);
  }
}
