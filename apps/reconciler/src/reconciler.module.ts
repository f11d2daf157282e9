import { Module } from '@nestjs/common';
import { KafkaConnection } from '#kafka';
import { ServiceLog } from '#service';
import { KafkaLogs } from './kafka.logs.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import { RawLogConsumer } from './raw-log.consumer.js';
import { ReconcilerConfig } from './reconciler.config.js';
import { RosterIndexModule } from './roster-index/roster-index.module.js';

@Module({
  imports: [RosterIndexModule],
  controllers: [RawLogConsumer],
  providers: [
    {
      provide: KafkaConnection,
      useFactory: connectionOf,
      inject: [ReconcilerConfig, ServiceLog],
    },
    RawDecoder,
    KafkaLogs,
  ],
})
export class ReconcilerModule {}

export function connectionOf(config: ReconcilerConfig, log: ServiceLog): KafkaConnection {
  return new KafkaConnection({
    brokers: config.KAFKA_BROKERS,
    clientId: 'rollcall-reconciler',
    log: (level, event, fields) => log[level](event, fields),
  });
}
