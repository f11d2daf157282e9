import { BatchServer } from '#batch-transport';
import { topicNames, topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection } from '#kafka';
import { Health, type ServiceOptions } from '#service';
import { PersisterConfig } from './persister.config.js';
import { connectionOf, PersisterModule } from './persister.module.js';
import { MAX_CONNECTIONS } from './roster-store/roster-database.js';
import { StepRecorder } from './step-recorder.js';

/** A fetch of all partitions together: what lies in memory while its slices are written. */
const FETCH_BYTES = 8 * 1024 * 1024;

/** How the persister starts: its topics, its module, and one consumer for the change topics and the dead letters. */
export const PERSISTER: ServiceOptions<PersisterConfig> = {
  name: 'persister',
  config: PersisterConfig,
  module: () => PersisterModule,
  prepare: (config, log) =>
    ensureTopics(
      connectionOf(config, log),
      topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS),
    ),
  strategy: (app, { ROLLCALL_NAMESPACE }) => {
    const { changes, deadLetters } = topicNames(ROLLCALL_NAMESPACE);
    const recorder = app.get(StepRecorder);
    let joined = false;
    app.get(Health).register('consumer', () => {
      if (!joined) throw new Error('the group is not joined yet');
    });
    return new BatchServer({
      connection: app.get(KafkaConnection),
      groupId: `${ROLLCALL_NAMESPACE}.persister`,
      topics: { changes: Object.values(changes), deadLetters },
      onAssigned: (assignment) => {
        joined = true;
        recorder.assigned(assignment);
      },
      partitionsConsumedConcurrently: MAX_CONNECTIONS,
      maxBytes: FETCH_BYTES,
    });
  },
};
