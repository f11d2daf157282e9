/** The three places that hold a roster, opened for reading (repair writes through the same connections). */
import { Matches } from 'class-validator';
import { topicNames, type EntityType, type TopicNames } from '#contracts';
import { ConsumerLag, KafkaConnection, LogPublisher, LogReader } from '#kafka';
import { Health, ServiceLog } from '#service';
import { PersisterConfig } from '../../apps/persister/src/persister.config.js';
import { RosterDatabase } from '../../apps/persister/src/roster-store/roster-database.js';
import { RowReader } from '../../apps/persister/src/roster-store/row-reader.js';
import { IndexPurge } from '../../apps/reconciler/src/roster-index/index-purge.js';
import { checkPartitions } from './partition-check.js';
import { TopicFold } from './topic-fold.js';

export class StoresConfig extends PersisterConfig {
  @Matches(/^rediss?:\/\/\S+$/, { message: 'REDIS_URL must be set to redis://… or rediss://…' })
  REDIS_URL: string = '';
}

export class Stores {
  readonly topics: TopicNames;
  readonly reader: LogReader;
  readonly publisher: LogPublisher;
  readonly lag: ConsumerLag;
  readonly database: RosterDatabase;
  readonly rows: RowReader;
  readonly index: IndexPurge;
  readonly partitions: readonly number[];

  private constructor(
    readonly config: StoresConfig,
    connection: KafkaConnection,
  ) {
    const log = new ServiceLog('tools', 'error');
    this.lag = new ConsumerLag(connection);
    this.topics = topicNames(config.ROLLCALL_NAMESPACE);
    this.reader = new LogReader(connection);
    this.publisher = new LogPublisher(connection);
    this.database = new RosterDatabase(config, log, new Health());
    this.rows = new RowReader(this.database);
    this.index = new IndexPurge(config.REDIS_URL, config.ROLLCALL_NAMESPACE);
    this.partitions = Array.from({ length: config.ROLLCALL_PARTITIONS }, (_, partition) => partition);
  }

  /** Throws ConfigError where the topics have another number of partitions than is set. */
  static async open(config: StoresConfig): Promise<Stores> {
    const connection = new KafkaConnection({
      brokers: config.KAFKA_BROKERS,
      clientId: 'rollcall-tools',
      log: () => undefined, // what goes wrong is thrown as well
    });
    const { raw, changes } = topicNames(config.ROLLCALL_NAMESPACE);
    await checkPartitions(connection, [raw, ...Object.values(changes)], config.ROLLCALL_PARTITIONS);
    const stores = new Stores(config, connection);
    await stores.index.connect();
    await stores.publisher.connect();
    return stores;
  }

  async close(): Promise<void> {
    this.index.close();
    await this.publisher.close();
    await this.reader.close();
    await this.lag.close();
    await this.database.onApplicationShutdown();
  }

  /** Reads on to the end of now; gives the ids that were changed on the way. */
  async foldOn(fold: TopicFold): Promise<ReadonlySet<string>> {
    const topic = this.topics.changes[fold.entityType];
    const { start, end } = await this.reader.ends(topic, fold.partition);
    const from = fold.next > start ? fold.next : start;
    const changed = new Set<string>();
    for await (const messages of this.reader.read(topic, fold.partition, from, end)) {
      for (const message of messages) {
        const id = fold.add(message);
        if (id !== null) changed.add(keyOf(id));
      }
    }
    fold.next = end;
    return changed;
  }

  async foldAll(entityType: EntityType): Promise<readonly TopicFold[]> {
    const folds: TopicFold[] = [];
    for (const partition of this.partitions) {
      const fold = new TopicFold(entityType, partition);
      await this.foldOn(fold);
      folds.push(fold);
    }
    return folds;
  }
}

export function keyOf({
  districtId,
  gg4lId,
}: {
  readonly districtId: string;
  readonly gg4lId: string;
}): string {
  return `${districtId}/${gg4lId}`;
}
