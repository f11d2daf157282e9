import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InfrastructureError } from '../infrastructure.errors.js';
import { cachedFolder, cacheFolder } from './cache.js';
import { run } from './run.js';

export interface Artifact {
  readonly groupId: string;
  readonly artifactId: string;
  readonly version: string;
  /** Take only the artifact, not what it depends on. */
  readonly alone?: boolean;
}

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** A folder with the jars of the artifacts, had through Maven once and kept in the cache. */
export async function mavenJars(
  name: string,
  artifacts: readonly Artifact[],
  progress: (line: string) => void,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  if (!(await run('mvn', ['--version'])).ok) {
    throw new InfrastructureError(
      `${name} comes through Maven, and there is no mvn on PATH: install Maven (and Java 17)`,
    );
  }
  progress(`downloading ${name} through Maven (once)`);
  return cachedFolder(folder, async (draft) => {
    const work = join(draft, 'maven');
    mkdirSync(work);
    writeFileSync(join(work, 'pom.xml'), pom(name, artifacts));
    const copied = await run(
      'mvn',
      ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`],
      { cwd: work, timeoutMs: DOWNLOAD_TIMEOUT_MS },
    );
    if (!copied.ok)
      throw new InfrastructureError(`Maven could not get ${name}: ${copied.output.slice(0, 2000)}`);
  });
}

const pom = (name: string, artifacts: readonly Artifact[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rollcall</groupId>
  <artifactId>${name}</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${artifacts.map(dependency).join('\n')}
  </dependencies>
</project>
`;

const dependency = ({ groupId, artifactId, version, alone }: Artifact): string =>
  [
    '    <dependency>',
    `      <groupId>${groupId}</groupId>`,
    `      <artifactId>${artifactId}</artifactId>`,
    `      <version>${version}</version>`,
    ...(alone === true
      ? [
          '      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>',
        ]
      : []),
    '    </dependency>',
  ].join('\n');
