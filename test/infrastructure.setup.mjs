// Jest's globalSetup: Kafka, Redis and Postgres for the specs, each given by its URL or started for this run alone.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function setUp() {
  const built = new URL('../dist/tools/infrastructure/infrastructure.js', import.meta.url);
  if (!existsSync(built)) throw new Error('not built yet: run `npm run build` first (npm test does)');
  const { openInfrastructure } = await import(built.href);
  const dataFolder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  chmodSync(dataFolder, 0o755); // Postgres runs as a user of its own where we are root
  const removeFolder = () => rmSync(dataFolder, { recursive: true, force: true });
  try {
    const infrastructure = await openInfrastructure({
      dataFolder,
      throwAway: true,
      progress: (line) => process.stderr.write(`infrastructure: ${line}\n`),
    });
    process.env.KAFKA_BROKERS = infrastructure.kafkaBrokers;
    process.env.REDIS_URL = infrastructure.redisUrl;
    process.env.DATABASE_URL = infrastructure.databaseUrl;
    globalThis.rollcallInfrastructure = { close: () => infrastructure.close().finally(removeFolder) };
  } catch (error) {
    removeFolder();
    throw error;
  }
}
