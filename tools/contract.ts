/**
 * Writes the contract for machines to docs/contract: an AsyncAPI document, one JSON Schema for each message, and what a
 * consumer is tested with.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { asyncApi, conformance, jsonSchema, PUBLIC_MESSAGES, testVectors } from '#contracts';
import { projectFolder } from './project.js';

const folder = join(projectFolder, 'docs/contract');
mkdirSync(join(folder, 'conformance'), { recursive: true });
const options = { ...(await resolveConfig(join(projectFolder, 'package.json'))), parser: 'json' };
const files: readonly (readonly [string, unknown])[] = [
  ['asyncapi.json', asyncApi()],
  ['conformance/messages.json', conformance()],
  ['conformance/vectors.json', testVectors()],
  ...PUBLIC_MESSAGES.map((message) => [`${message.name}.schema.json`, jsonSchema(message)] as const),
];
for (const [name, contents] of files)
  writeFileSync(join(folder, name), await format(JSON.stringify(contents), options));
console.log(`${files.length} files written to docs/contract`);
