import { runService } from '#service';
import { RECONCILER } from './reconciler.service.js';

await runService(RECONCILER);
