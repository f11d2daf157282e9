import { randomUUID } from 'node:crypto';
import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { KafkaConnection, LogPublisher } from '#kafka';
import { ConfirmingLedger, LedgerConnection, ReadingLedger } from '#ledger';
import { Discovery, discoverySettings, HttpClient, OneRosterClient } from '#school-passport';
import { deadLetterCount, Health, Metrics, ServiceLog } from '#service';
import { ConfirmLoop } from './confirming/confirm.loop.js';
import { FetcherConfig, httpSettings } from './fetcher.config.js';
import { RawRecordPublisher } from './raw-record.publisher.js';
import { RunLoop } from './run/run.loop.js';
import { SchoolPassportSource } from './school-passport.source.js';
import { SystemClock } from './system.clock.js';

/** Opens what the loop needs before it starts, and closes it after it ended. */
class Connections implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(LogPublisher) private readonly publisher: LogPublisher,
    @Inject(LedgerConnection) private readonly ledger: LedgerConnection,
    @Inject(HttpClient) private readonly http: HttpClient,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.publisher.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.http.close();
    await this.publisher.close();
    await this.ledger.close();
  }
}

@Module({})
export class FetcherModule {
  static forRoot(config: FetcherConfig): DynamicModule {
    return {
      module: FetcherModule,
      providers: [
        {
          provide: LogPublisher,
          inject: [ServiceLog],
          useFactory: (log: ServiceLog) => new LogPublisher(connectionOf(config, log)),
        },
        {
          provide: LedgerConnection,
          useFactory: () => new LedgerConnection(config.DATABASE_URL, config.ROLLCALL_NAMESPACE),
        },
        { provide: HttpClient, inject: [Metrics], useFactory: (metrics: Metrics) => httpOf(config, metrics) },
        {
          provide: SchoolPassportSource,
          inject: [HttpClient, Metrics],
          useFactory: (http: HttpClient, metrics: Metrics) => sourceOf(config, http, metrics),
        },
        {
          provide: RawRecordPublisher,
          inject: [LogPublisher, Metrics],
          useFactory: (publisher: LogPublisher, metrics: Metrics) => publisherOf(config, publisher, metrics),
        },
        {
          provide: RunLoop,
          inject: [LedgerConnection, RawRecordPublisher, SchoolPassportSource, ServiceLog, Metrics, Health],
          useFactory: (
            ledger: LedgerConnection,
            log: RawRecordPublisher,
            source: SchoolPassportSource,
            serviceLog: ServiceLog,
            metrics: Metrics,
            health: Health,
          ) => {
            const ports = { ledger: new ReadingLedger(ledger), log, source, clock: new SystemClock() };
            return new RunLoop(ports, loopSettings(config), serviceLog, metrics, health);
          },
        },
        {
          provide: ConfirmLoop,
          inject: [LedgerConnection, SchoolPassportSource, ServiceLog, Metrics],
          useFactory: (
            ledger: LedgerConnection,
            source: SchoolPassportSource,
            serviceLog: ServiceLog,
            metrics: Metrics,
          ) => {
            const ports = { ledger: new ConfirmingLedger(ledger), source, clock: new SystemClock() };
            return new ConfirmLoop(ports, loopSettings(config), serviceLog, metrics);
          },
        },
        Connections,
      ],
    };
  }
}

export function connectionOf(config: FetcherConfig, log: ServiceLog): KafkaConnection {
  return new KafkaConnection({
    brokers: config.KAFKA_BROKERS,
    clientId: 'rollcall-fetcher',
    log: (level, event, fields) => log[level](event, fields),
  });
}

function httpOf(config: FetcherConfig, metrics: Metrics): HttpClient {
  const requests = metrics.counter('rollcall_source_requests_total', 'Answers of the source; 0: none came', [
    'status',
  ]);
  const onAnswer = (status: number): void => requests.inc({ status: String(status) });
  return new HttpClient({ ...httpSettings(config), onAnswer });
}

function sourceOf(config: FetcherConfig, http: HttpClient, metrics: Metrics): SchoolPassportSource {
  const pages = metrics.counter('rollcall_source_pages_total', 'Pages with rows in them', ['type']);
  const discovery = new Discovery(discoverySettings(config), http);
  return new SchoolPassportSource(
    discovery,
    new OneRosterClient(http, discovery, {
      pageLimit: config.FETCHER_PAGE_LIMIT,
      maxRows: config.FETCHER_MAX_ROWS,
      maxPages: config.FETCHER_MAX_PAGES,
      maxDepth: config.FETCHER_MAX_DEPTH,
    }),
    (type) => pages.inc({ type }),
  );
}

function publisherOf(config: FetcherConfig, publisher: LogPublisher, metrics: Metrics): RawRecordPublisher {
  const records = metrics.counter('rollcall_raw_records_total', 'Raw records acknowledged by Kafka', [
    'type',
  ]);
  return new RawRecordPublisher(publisher, config.ROLLCALL_NAMESPACE, {
    records: (type, count) => records.inc({ type }, count),
    deadLetters: deadLetterCount(metrics),
  });
}

function loopSettings(config: FetcherConfig): ConstructorParameters<typeof RunLoop>[1] {
  return {
    owner: `fetcher-${process.pid}-${randomUUID()}`,
    partitions: config.ROLLCALL_PARTITIONS,
    concurrency: config.FETCHER_CONCURRENCY,
    totalConcurrency: config.FETCHER_CONCURRENCY_TOTAL,
    pollMs: config.FETCHER_POLL_MS,
    leaseMs: config.FETCHER_LEASE_MS,
    renewMs: config.FETCHER_LEASE_RENEW_MS,
  };
}
