import { runService } from '#service';
import { runMigrations } from './migrate.command.js';
import { PERSISTER } from './persister.service.js';

if (process.argv[2] === 'migrate') await runMigrations();
else await runService(PERSISTER);
