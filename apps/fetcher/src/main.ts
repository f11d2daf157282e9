import { topicSpecs } from '#contracts';
import { ensureTopics } from '#kafka';
import { LedgerConnection } from '#ledger';
import { runService } from '#service';
import { FetcherConfig } from './fetcher.config.js';
import { connectionOf, FetcherModule } from './fetcher.module.js';

await runService({
  name: 'fetcher',
  config: FetcherConfig,
  module: (config) => FetcherModule.forRoot(config),
  prepare: async (config, log) => {
    const specs = topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS);
    await ensureTopics(connectionOf(config, log), specs);
    const ledger = new LedgerConnection(config.DATABASE_URL, config.ROLLCALL_NAMESPACE);
    await ledger.migrate().finally(() => ledger.close());
  },
});
