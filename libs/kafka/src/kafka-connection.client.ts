import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Admin, Consumer, ConsumerConfig, LogEntry, RetryOptions } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { Cluster } from './kafkajs-cluster.js';
import { openCluster } from './kafkajs-cluster.js';
import { withoutContents } from './kafka-log-fields.js';
import type { KafkaCompression, KafkaLog, KafkaSettings } from './kafka-settings.js';
import { completeSettings } from './kafka-settings.js';

/** Rides out a broker's restart (about a minute) and then fails; a consumer never restarts by itself. */
const RETRY: RetryOptions = {
  initialRetryTime: 200,
  maxRetryTime: 1500,
  retries: 40,
  restartOnFailure: async () => false,
};
/** Readers and publishers have a loop of their own around every request and only need the short hiccups covered. */
const CLUSTER_RETRY: RetryOptions = { initialRetryTime: 100, maxRetryTime: 500, retries: 4 };
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 30_000;

const gunzipAsync = promisify<Buffer, Buffer>(gunzip);

// For readers; what is sent is compressed before kafkajs sees it.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => ({
  compress: () => Promise.reject(new Error('not compressed here')),
  decompress: (buffer: Buffer) => gunzipAsync(buffer),
});

/** The settings of one Kafka cluster, and the only place that makes kafkajs clients from them. Opens nothing by itself. */
export class KafkaConnection {
  readonly clientId: string;
  readonly compression: KafkaCompression;
  readonly replication: number;
  private readonly kafka: kafkajs.Kafka;
  private readonly clusterKafka: kafkajs.Kafka;

  constructor(settings: KafkaSettings) {
    const { compression, replication, ...rest } = completeSettings(settings, process.env);
    const log = settings.log ?? jsonLines(settings.clientId);
    const config = {
      ...rest,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      logLevel: kafkajs.logLevel.WARN,
      logCreator: () => (entry: LogEntry) => {
        log(entry.level === kafkajs.logLevel.WARN ? 'warn' : 'error', 'kafka', withoutContents(entry));
      },
    };
    this.clientId = settings.clientId;
    this.compression = compression;
    this.replication = replication;
    this.kafka = new kafkajs.Kafka({ ...config, retry: RETRY });
    this.clusterKafka = new kafkajs.Kafka({ ...config, retry: CLUSTER_RETRY });
  }

  consumer(config: ConsumerConfig): Consumer {
    // kafkajs overrides the client's retries with 5 unless they are repeated here.
    return this.kafka.consumer({
      ...config,
      allowAutoTopicCreation: false,
      readUncommitted: true,
      retry: RETRY,
    });
  }

  admin(): Admin {
    return this.kafka.admin();
  }

  cluster(): Cluster {
    return openCluster(this.clusterKafka);
  }
}

function jsonLines(service: string): KafkaLog {
  return (level, event, fields) => {
    const line = { time: new Date().toISOString(), level, service, event, ...fields };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}
