import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { KafkaConnection, LogReader } from '#kafka';
import type { Place } from '#roster-consumer';

/** The change topics as logs, beside the consumer that reads them. */
@Injectable()
export class ChangeTopics implements OnApplicationShutdown {
  private readonly reader: LogReader;

  constructor(connection: KafkaConnection) {
    this.reader = new LogReader(connection);
  }

  ends({ topic, partition }: Place): Promise<{ start: bigint; end: bigint }> {
    return this.reader.ends(topic, partition);
  }

  onApplicationShutdown(): Promise<void> {
    return this.reader.close();
  }
}
