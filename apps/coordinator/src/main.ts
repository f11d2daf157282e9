import { ValidationPipe, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { BatchServer } from '#batch-transport';
import { topicNames, topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection } from '#kafka';
import { Health, runService } from '#service';
import { StorableTextPipe } from './console/pipes.js';
import { CoordinatorConfig } from './coordinator.config.js';
import { connectionOf, CoordinatorModule } from './coordinator.module.js';
import { runMigrations } from './migrate.command.js';

if (process.argv[2] === 'migrate') await runMigrations();
else {
  await runService({
    name: 'coordinator',
    config: CoordinatorConfig,
    module: () => CoordinatorModule,
    prepare: (config, log) =>
      ensureTopics(
        connectionOf(config, log),
        topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS),
      ),
    configure: describeApi,
    strategy: (app, { ROLLCALL_NAMESPACE }) => {
      let joined = false;
      app.get(Health).register('consumer', () => {
        if (!joined) throw new Error('the group is not joined yet');
      });
      return new BatchServer({
        connection: app.get(KafkaConnection),
        groupId: `${ROLLCALL_NAMESPACE}.coordinator`,
        topics: { reports: topicNames(ROLLCALL_NAMESPACE).reports },
        onAssigned: () => (joined = true),
      });
    },
  });
}

function describeApi(app: INestApplication): void {
  app.useGlobalPipes(
    new StorableTextPipe(),
    new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }),
  );
  const description = new DocumentBuilder()
    .setTitle('Rollcall coordinator')
    .setDescription('Districts, their runs, and decisions about held plans.')
    .addBearerAuth()
    .build();
  SwaggerModule.setup('openapi', app, () => SwaggerModule.createDocument(app, description), {
    ui: false,
    raw: ['json'],
    jsonDocumentUrl: 'openapi.json',
  });
}
