/** Writes docs/tables.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tablesDocument } from '../apps/persister/src/roster-store/tables-document.js';
import { projectFolder } from './project.js';

writeFileSync(join(projectFolder, 'docs/tables.md'), tablesDocument());
console.log('docs/tables.md is written');
