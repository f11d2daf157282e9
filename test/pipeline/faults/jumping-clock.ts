/*
 * Loaded into a service before its own code (node --import): its wall clock, Date in every form, is off by the
 * milliseconds in the file `<its pid>` of the folder that JUMPING_CLOCKS names, from the moment that file is there.
 * What only goes on, performance.now and timers, stays: so it is on a host whose clock is set. A file that was
 * obeyed is renamed to `<pid>.obeyed`.
 */
import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_MS = 200;

const file = join(process.env['JUMPING_CLOCKS'] ?? '', String(process.pid));
const trueNow = Date.now;
let offsetMs = 0;

function now(): number {
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) {
    offsetMs = Number(readFileSync(file, 'utf8'));
    renameSync(file, `${file}.obeyed`);
  }
  return trueNow() + offsetMs;
}

Date.now = now;
globalThis.Date = new Proxy(Date, {
  apply: () => new Date(now()).toString(),
  construct: (target, given: unknown[], newTarget: typeof Date): Date =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
});
setInterval(now, LOOK_EVERY_MS).unref();
