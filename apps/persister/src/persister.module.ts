import { Module } from '@nestjs/common';
import { KafkaConnection } from '#kafka';
import { ServiceLog } from '#service';
import { ChangeEventsConsumer } from './change-events.consumer.js';
import { ChangeTopics } from './change-topics.client.js';
import { DeadLettersConsumer } from './dead-letters.consumer.js';
import { KafkaOutlet } from './kafka-outlet.publisher.js';
import { PassedWatermarks } from './passed-watermarks.js';
import { PersisterConfig } from './persister.config.js';
import { DeadLetterStore } from './roster-store/dead-letter.store.js';
import { RosterDatabase } from './roster-store/roster-database.js';
import { PostgresRosterStore } from './roster-store/roster.store.js';
import { WatermarkStore } from './roster-store/watermark.store.js';
import { StepRecorder } from './step-recorder.js';

@Module({
  controllers: [ChangeEventsConsumer, DeadLettersConsumer],
  providers: [
    {
      provide: KafkaConnection,
      useFactory: connectionOf,
      inject: [PersisterConfig, ServiceLog],
    },
    RosterDatabase,
    PostgresRosterStore,
    DeadLetterStore,
    WatermarkStore,
    KafkaOutlet,
    PassedWatermarks,
    ChangeTopics,
    StepRecorder,
  ],
})
export class PersisterModule {}

export function connectionOf(config: PersisterConfig, log: ServiceLog): KafkaConnection {
  return new KafkaConnection({
    brokers: config.KAFKA_BROKERS,
    clientId: 'rollcall-persister',
    log: (level, event, fields) => log[level](event, fields),
  });
}
