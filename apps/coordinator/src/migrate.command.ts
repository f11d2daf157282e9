import { Matches } from 'class-validator';
import { LedgerConnection } from '#ledger';
import { ConfigError, EXIT_CONFIG, loadConfig, ServiceLog } from '#service';

/** What migrating needs of the coordinator's settings. */
export class MigrationConfig {
  @Matches(/^[a-z][a-z0-9_]{0,30}$/, {
    message: 'ROLLCALL_NAMESPACE must be 1 to 31 of a-z, 0-9 and _, beginning with a letter',
  })
  ROLLCALL_NAMESPACE: string = 'rollcall';

  @Matches(/^postgres(ql)?:\/\/\S+$/, { message: 'DATABASE_URL must be set to postgres://…' })
  DATABASE_URL: string = '';
}

/** The command `migrate`: brings schema `ledger` to this version and ends. */
export async function runMigrations(): Promise<void> {
  const log = new ServiceLog('coordinator');
  try {
    const { DATABASE_URL, ROLLCALL_NAMESPACE } = loadConfig(MigrationConfig);
    const connection = new LedgerConnection(DATABASE_URL, ROLLCALL_NAMESPACE);
    try {
      await connection.migrate();
    } finally {
      await connection.close();
    }
    log.info('migrated', { schema: 'ledger' });
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`coordinator: ${error.message}\n`);
      process.exitCode = EXIT_CONFIG;
    } else {
      log.error('migration-failed', { error });
      process.exitCode = 1;
    }
  }
}
