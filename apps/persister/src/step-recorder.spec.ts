import { expect, it } from '@jest/globals';
import { PlaceStoppedError, type Place } from '#roster-consumer';
import { Metrics, ServiceLog } from '#service';
import { StepRecorder } from './step-recorder.js';

it('a partition that stopped itself is shown until it is handed to another', async () => {
  const metrics = new Metrics('persister');
  const recorder = new StepRecorder(new ServiceLog('persister', 'info', () => undefined), metrics);
  const shown = async () => {
    const lines = (await metrics.text()).split('\n');
    const stops = lines.filter((line) => line.startsWith('rollcall_partition_stopped{'));
    return stops.map((line) => line.replace(/^.*\{(.*),service="persister"\}/, '$1')).sort();
  };
  for (const entityType of ['orgs', 'users'] as const) {
    const place: Place = { topic: `roster.${entityType}.v1`, entityType, partition: 1 };
    recorder.stop(place, new PlaceStoppedError(place, 'a reason'));
  }
  recorder.assigned({ 'roster.orgs.v1': [0, 1], 'roster.users.v1': [1] });
  expect(await shown()).toEqual(['type="orgs",partition="1" 1', 'type="users",partition="1" 1']);
  recorder.assigned({ 'roster.orgs.v1': [1], 'roster.users.v1': [0, 2] });
  expect(await shown()).toEqual(['type="orgs",partition="1" 1', 'type="users",partition="1" 0']);
  recorder.assigned({});
  expect(await shown()).toEqual(['type="orgs",partition="1" 0', 'type="users",partition="1" 0']);
});
