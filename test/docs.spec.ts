/* The documentation names what the code has: settings with their defaults, metrics, log events, samples, tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'class-validator';
import { CoordinatorConfig } from '../apps/coordinator/src/coordinator.config.js';
import { FetcherConfig } from '../apps/fetcher/src/fetcher.config.js';
import { PersisterConfig } from '../apps/persister/src/persister.config.js';
import { ReconcilerConfig } from '../apps/reconciler/src/reconciler.config.js';
import {
  decodeChangeMessage,
  decodeDeadLetter,
  decodeDistrictEvent,
  decodeSnapshotEvent,
  encodeChange,
  encodeDeadLetter,
  encodeDistrictEvent,
  encodeFence,
  encodeSnapshotEvent,
  encodeWatermark,
  NO_SCHOOL,
  testVectors,
  TOPIC_CONFIG,
  topicNames,
  type DistrictMoment,
  type SnapshotMoment,
} from '#contracts';
import { parseDistricts } from '#school-passport';
import { isMissing, testsNamedIn } from './named-tests.js';
import { GUARDS, PAIRS } from './simulation/guards/guards.js';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const operations = read('docs/operations.md');
const contract = read('docs/contract.md');

/** Every source of the services and libs, specs left out. */
const sources = ['apps', 'libs'].flatMap((folder) =>
  readdirSync(new URL(`../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('sandbox'))
    .map((file) => read(`${folder}/${file}`)),
);

function namesIn(texts: readonly string[], pattern: RegExp): readonly string[] {
  const names = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? ''));
  return [...new Set(names)].sort();
}

describe('the settings in operations.md', () => {
  const rows = new Map(
    [...operations.matchAll(/^\| `([A-Z_]+)` \| `?([^|`]*)`? \|/gm)].map(([, name, value]) => [name, value]),
  );
  const settings = [CoordinatorConfig, FetcherConfig, PersisterConfig, ReconcilerConfig].flatMap((type) => {
    const constraints = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
    const defaults = new type();
    return constraints.map(
      ({ propertyName }) => [propertyName, Reflect.get(defaults, propertyName)] as const,
    );
  });

  it('are those that the services read, with their defaults', () => {
    const text = (value: unknown): string => `${(value ?? '') as string | number | boolean}` || '-';
    const expected = new Map(settings.map(([name, value]) => [name, text(value)]));
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
  });
});

describe('operations.md', () => {
  it('names every metric, and no other', () => {
    const metric = /\b(rollcall_[a-z_]+)\b/g;
    expect(namesIn([operations], metric)).toEqual(namesIn(sources, /'(rollcall_[a-z_]+)'/g));
  });

  it('names every log event', () => {
    const events = namesIn(sources, /\b(?:log|lines|serviceLog)\.(?:debug|info|warn|error)\(\s*'([a-z-]+)'/g);
    expect(events.length).toBeGreaterThan(15);
    expect(events.filter((event) => !operations.includes(`\`${event}\``))).toEqual([]);
  });

  it('names every check of the health', () => {
    const checks = namesIn(sources, /(?:health|get\(Health\))\s*\.register\(\s*'([a-z]+)'/g);
    expect(checks.length).toBeGreaterThan(5);
    expect(checks.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('contract.md', () => {
  it('names every public topic', () => {
    const { changes, snapshots, deadLetters } = topicNames('rollcall');
    for (const topic of [...Object.values(changes), snapshots, deadLetters]) {
      expect(contract).toContain(`\`${topic}\``);
    }
  });

  it('shows the arithmetic as it is', () => {
    const { records, watermark } = testVectors();
    const [first] = records;
    expect(contract).toContain(`\`${first?.recordHash}\`: partition ${first?.partitionOf12} of 12`);
    for (const { gg4lId, fingerprint, term } of watermark.active) {
      const row = `| \`${gg4lId.replace('|', '\\|')}\` | \`${fingerprint}\` | \`${term}\` |`;
      expect(contract).toContain(row);
    }
    expect(contract).toContain(`"active": ${watermark.count}, "xor": "${watermark.xor}"`);
    const fetchBytes = 2 * Number(TOPIC_CONFIG.changes['max.message.bytes']);
    expect(contract).toContain(`${fetchBytes.toLocaleString('en-US')} bytes`);
  });

  it('links to what is there', () => {
    const links = [...contract.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(8);
    for (const link of links)
      expect([link, existsSync(new URL(`../docs/${link}`, import.meta.url))]).toEqual([link, true]);
  });

  it('shows messages as they are really written', () => {
    const blocks = [...contract.matchAll(/^```json\n(.*?)^```/gms)];
    const samples = blocks.map(([, text]) => JSON.parse(text ?? '') as Sample);
    expect(samples.length).toBeGreaterThan(5);
    for (const sample of samples) expect(writtenAgain(sample)).toEqual(sample);
  });
});

describe('sources.md', () => {
  const blocks = [...read('docs/sources.md').matchAll(/^```json\n(.*?)^```/gms)].map(
    ([, text]) => text ?? '',
  );

  it.each(blocks.map((text) => [text]))('shows entries of a districts file that can be read (%#)', (text) => {
    const env = { SOUTH_TOKEN: 'x', EAST_SECRET: 'x', WEST_SECRET: 'x' };
    const { sources, faults } = parseDistricts(text, { folder: '/', env });
    expect(faults).toEqual([]);
    expect(sources).toHaveLength((JSON.parse(text) as unknown[]).length);
  });

  it('shows every way a server may want to be asked, both versions, and bundles', () => {
    const env = { SOUTH_TOKEN: 'x', EAST_SECRET: 'x', WEST_SECRET: 'x' };
    const sources = blocks.flatMap((text) => parseDistricts(text, { folder: '/', env }).sources);
    const kinds = sources.map((source) => (source.kind === 'csv' ? 'csv' : source.auth.kind));
    expect(new Set(kinds)).toEqual(new Set(['oauth2', 'bearer', 'oauth1', 'csv']));
    expect(new Set(sources.map(({ version }) => version))).toEqual(new Set(['1.1', '1.2']));
  });
});

describe('guarantees.md', () => {
  it('names every guard that can be taken away, and how soon that is seen', () => {
    const [, table = ''] = read('docs/guarantees.md').split('| without it | seen within |\n| --- | --- |\n');
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (.*?) \| (\d+) \|$/gm)].map(
      ([, name, within]) => [name, within],
    );
    const guards = [...GUARDS, ...PAIRS].map(({ name, foundWithin }) => [name, String(foundWithin)]);
    expect(rows).toEqual(guards);
  });

  it('names tests that exist', () => {
    const named = testsNamedIn(read('docs/guarantees.md'));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(isMissing)).toEqual([]);
  });
});

describe('quirks.md', () => {
  const quirks = read('docs/quirks.md').replaceAll('\\|', '|');
  const rows = quirks.match(/^\| (?!---|met \|).*$/gm) ?? [];

  it('names for every quirk a test that exists', () => {
    expect(rows.length).toBeGreaterThan(70);
    expect(rows.filter((row) => testsNamedIn(row).length === 0)).toEqual([]);
    expect(testsNamedIn(quirks).filter(isMissing)).toEqual([]);
  });

  it('is found from sources.md', () => {
    expect(read('docs/sources.md')).toContain('](quirks.md)');
  });
});

type Sample = Readonly<Record<string, unknown>>;

/** What our own code makes of what a sample says. */
function writtenAgain(sample: Sample): unknown {
  const bytes = Buffer.from(JSON.stringify(sample));
  if ('origin' in sample) {
    const { contents, ...letter } = decodeDeadLetter(bytes);
    return parsed(encodeDeadLetter({ ...letter, contents: Buffer.from(contents, 'base64') }).value);
  }
  const [, , moment] = String(sample['type']).split('.');
  if (String(sample['type']).startsWith('roster.district.'))
    return districtAgain(bytes, moment as DistrictMoment);
  return String(sample['type']).startsWith('roster.snapshot.')
    ? snapshotAgain(bytes, moment as SnapshotMoment)
    : changeAgain(bytes);
}

function snapshotAgain(bytes: Buffer, moment: SnapshotMoment): unknown {
  const { source, generation, time, data } = decodeSnapshotEvent(bytes);
  const districtId = source.slice('/districts/'.length);
  return parsed(encodeSnapshotEvent({ districtId, generation, moment, time, data }).value);
}

function districtAgain(bytes: Buffer, moment: DistrictMoment): unknown {
  const { source, time, data } = decodeDistrictEvent(bytes);
  const districtId = source.slice('/districts/'.length);
  const { generation = 0, ...rest } = data;
  return parsed(encodeDistrictEvent({ districtId, generation, moment, time, data: rest }).value);
}

function changeAgain(bytes: Buffer): unknown {
  const message = decodeChangeMessage(bytes);
  const { entityType } = message;
  const { epoch, time } = message.event;
  switch (message.kind) {
    case 'fence': {
      const { source, data } = message.event;
      const partition = Number(source.slice('/partitions/'.length));
      return parsed(encodeFence({ entityType, partition, epoch, time, author: data.author }).value);
    }
    case 'watermark': {
      const { generation, data } = message.event;
      const { districtId } = message;
      return parsed(encodeWatermark({ districtId, entityType, generation, epoch, time, ...data }).value);
    }
    case 'change': {
      const { districtId, verb, event } = message;
      const { subject, generation, fingerprint, school, cause, archivedat } = event;
      const changed = 'changed' in event ? event.changed : undefined;
      return parsed(
        encodeChange({
          ...{ districtId, entityType, verb, generation, epoch, time, gg4lId: subject },
          fingerprint: Buffer.from(fingerprint, 'hex'),
          schoolHash: school === undefined ? NO_SCHOOL : Buffer.from(school, 'hex'),
          ...(cause === undefined ? {} : { cause }),
          ...(changed === undefined ? {} : { changed: changed.split(',') }),
          ...(archivedat === undefined ? {} : { archivedAt: archivedat }),
          ...('data' in event ? { body: Buffer.from(JSON.stringify(event.data)) } : {}),
          ...('datelastmodified' in event && event.datelastmodified !== undefined
            ? { dateLastModified: event.datelastmodified }
            : {}),
        }).value,
      );
    }
  }
}

function parsed(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}
