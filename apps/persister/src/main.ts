import { topicNames, topicSpecs } from '#contracts';
import { BatchServer, KafkaConnection, TopicRegistry } from '#kafka';
import { Health, runService } from '#service';
import { runMigrations } from './migrate.command.js';
import { PersisterConfig } from './persister.config.js';
import { PersisterModule } from './persister.module.js';

if (process.argv[2] === 'migrate') await runMigrations();
else {
  await runService({
    name: 'persister',
    config: PersisterConfig,
    module: () => PersisterModule,
    prepare: ensureTopics,
    strategy: (app, { ROLLCALL_NAMESPACE }) => {
      const { changes, deadLetters } = topicNames(ROLLCALL_NAMESPACE);
      let joined = false;
      app.get(Health).register('consumer', () => {
        if (!joined) throw new Error('the group is not joined yet');
      });
      return new BatchServer({
        connection: app.get(KafkaConnection),
        groupId: `${ROLLCALL_NAMESPACE}.persister`,
        topics: { changes: Object.values(changes), deadLetters },
        onAssigned: () => (joined = true),
      });
    },
  });
}

async function ensureTopics(config: PersisterConfig): Promise<void> {
  const { KAFKA_BROKERS, ROLLCALL_NAMESPACE, ROLLCALL_PARTITIONS } = config;
  const connection = new KafkaConnection({ brokers: KAFKA_BROKERS, clientId: 'rollcall-persister' });
  const registry = new TopicRegistry(connection);
  try {
    await registry.ensure(topicSpecs(ROLLCALL_NAMESPACE, ROLLCALL_PARTITIONS));
  } finally {
    await registry.close();
  }
}
