/* What both indexes of GG4L IDs promise: every condition has a case in which it alone differs. */
import { describe } from '@jest/globals';
import { promiseConditions, promiseForgetting } from './contract/conditions.js';
import { promiseInstalls, promiseLoads } from './contract/epochs-begun.js';
import { promiseForgottenEpochs, promiseRoomForLoads } from './contract/epochs-ended.js';
import type { Open } from './contract/index-samples.js';
import { promisePositions, promiseRoundTrips } from './contract/positions-and-reads.js';
import { promiseSweep, promiseUnseen } from './contract/sweeps.js';

export function promiseRosterIndex(open: Open): void {
  describe('positions', () => promisePositions(open));
  describe('read and write', () => promiseRoundTrips(open));
  describe('conditions of a write', () => promiseConditions(open));
  describe('forgetting', () => promiseForgetting(open));
  describe('the sweep', () => promiseSweep(open));
  describe('unseen', () => promiseUnseen(open));
  describe('loading a fresh epoch', () => promiseLoads(open));
  describe('room for a fresh epoch', () => promiseRoomForLoads(open));
  describe('installing a loaded epoch', () => promiseInstalls(open));
  describe('forgetting dead epochs', () => promiseForgottenEpochs(open));
}
