import { Module, type Provider, type Type } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { KafkaConnection } from '#kafka';
import {
  ConsoleLedger,
  DistrictLedger,
  LedgerViews,
  OpeningLedger,
  ReportLedger,
  SettlementLedger,
  UpkeepLedger,
  type LedgerConnection,
} from '#ledger';
import { Discovery, discoverySettings, HttpClient, reachSettings } from '#school-passport';
import { ServiceLog } from '#service';
import { Decisions } from './console/decisions.js';
import { DistrictsController } from './console/districts.controller.js';
import { PageController } from './console/page.controller.js';
import { RunRequests } from './console/run-requests.js';
import { RunsController } from './console/runs.controller.js';
import { SettingsRequests } from './console/settings-requests.js';
import { CoordinatorLog } from './coordinator-log.publisher.js';
import { portsOf } from './coordinator-ports.js';
import { CoordinatorConfig, timesOf } from './coordinator.config.js';
import { DecisionJournal } from './decision-journal.js';
import { LedgerAccess } from './ledger-access.js';
import { LedgerClock } from './ledger.clock.js';
import { ReportsConsumer } from './reports.consumer.js';
import { AgeWatch } from './schedule/age.watch.js';
import { DistrictSchedule } from './schedule/district.schedule.js';
import { LedgerUpkeep } from './schedule/ledger.upkeep.js';
import { StepLoop } from './settlement/step-loop.js';
import { StepOwner } from './step-owner.js';
import { StepRunner } from './step-runner.js';

const onLedger = <T>(store: Type<T> & (new (connection: LedgerConnection) => T)): Provider => ({
  provide: store,
  useFactory: ({ connection }: LedgerAccess) => new store(connection),
  inject: [LedgerAccess],
});

const stepLoop: Provider = {
  provide: StepLoop,
  useFactory: (
    config: CoordinatorConfig,
    owner: StepOwner,
    views: LedgerViews,
    openings: OpeningLedger,
    settlement: SettlementLedger,
    log: CoordinatorLog,
    journal: DecisionJournal,
    clock: LedgerClock,
  ) =>
    new StepLoop(portsOf(views, openings, settlement, log, journal, clock), {
      owner: owner.name,
      leaseMs: config.COORDINATOR_LEASE_MS,
      partitionCount: config.ROLLCALL_PARTITIONS,
      times: timesOf(config),
    }),
  inject: [
    CoordinatorConfig,
    StepOwner,
    LedgerViews,
    OpeningLedger,
    SettlementLedger,
    CoordinatorLog,
    DecisionJournal,
    LedgerClock,
  ],
};

@Module({
  imports: [ScheduleModule.forRoot()],
  controllers: [ReportsConsumer, DistrictsController, RunsController, PageController],
  providers: [
    LedgerClock,
    LedgerAccess,
    ...[
      ConsoleLedger,
      DistrictLedger,
      LedgerViews,
      OpeningLedger,
      ReportLedger,
      SettlementLedger,
      UpkeepLedger,
    ].map((store) => onLedger<object>(store)),
    {
      provide: KafkaConnection,
      useFactory: connectionOf,
      inject: [CoordinatorConfig, ServiceLog],
    },
    {
      provide: Discovery,
      useFactory: (config: CoordinatorConfig) =>
        new Discovery(discoverySettings(config), new HttpClient(reachSettings(config))),
      inject: [CoordinatorConfig],
    },
    CoordinatorLog,
    DecisionJournal,
    StepOwner,
    stepLoop,
    StepRunner,
    DistrictSchedule,
    AgeWatch,
    LedgerUpkeep,
    RunRequests,
    SettingsRequests,
    Decisions,
  ],
})
export class CoordinatorModule {}

export function connectionOf(config: CoordinatorConfig, log: ServiceLog): KafkaConnection {
  return new KafkaConnection({
    brokers: config.KAFKA_BROKERS,
    clientId: 'rollcall-coordinator',
    log: (level, event, fields) => log[level](event, fields),
  });
}
