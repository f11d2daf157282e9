import type { EntityType } from './entity-types.js';
import { ENTITY_TYPES } from './entity-types.js';

/** The namespace whose public topics carry their bare names (`roster.users.v1`). */
export const DEFAULT_NAMESPACE = 'rollcall';

export interface TopicNames {
  readonly raw: string;
  readonly reports: string;
  readonly deadLetters: string;
  readonly snapshots: string;
  readonly changes: Readonly<Record<EntityType, string>>;
}

/**
 * Names of all topics under a namespace. Internal topics always carry it (`rollcall.raw.v1`); the public ones
 * only when it is not the default (`demo.roster.users.v1`).
 */
export function topicNames(namespace: string): TopicNames {
  const prefix = namespace === DEFAULT_NAMESPACE ? '' : `${namespace}.`;
  const changes = Object.fromEntries(ENTITY_TYPES.map((type) => [type, `${prefix}roster.${type}.v1`]));
  return {
    raw: `${namespace}.raw.v1`,
    reports: `${namespace}.reports.v1`,
    deadLetters: `${namespace}.dead-letters.v1`,
    snapshots: `${prefix}roster.snapshots.v1`,
    changes: changes as Record<EntityType, string>,
  };
}

export type TopicRole = 'raw' | 'reports' | 'deadLetters' | 'snapshots' | 'changes';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Every topic, in Kafka's own keys and spelling. Messages carry the time of the broker: by the writer's, one whose clock
 * is an hour ahead would be refused, and what one writes whose clock is days behind would be deleted at once. They stay
 * compressed as they were sent: a broker set to zstd, lz4 or snappy would compress them anew, and no reader here, nor
 * every consumer, knows those.
 */
const ANY_TOPIC = {
  'message.timestamp.type': 'LogAppendTime',
  'max.message.bytes': '1048588',
  'compression.type': 'producer',
} as const;

function keptFor(days: number, policy = 'delete'): Readonly<Record<string, string>> {
  return { ...ANY_TOPIC, 'cleanup.policy': policy, 'retention.ms': String(days * DAY_MS) };
}

/** Topic configuration by role, as topics are created with and compared to. */
export const TOPIC_CONFIG: Readonly<Record<TopicRole, Readonly<Record<string, string>>>> = {
  raw: keptFor(7),
  reports: keptFor(7),
  deadLetters: keptFor(30),
  snapshots: keptFor(30, 'compact,delete'),
  changes: { ...ANY_TOPIC, 'cleanup.policy': 'compact', 'min.compaction.lag.ms': String(30 * DAY_MS) },
};

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Every topic with its partitions and configuration; `partitions` is P, for the raw log and each change topic. */
export function topicSpecs(namespace: string, partitions: number): readonly TopicSpec[] {
  const names = topicNames(namespace);
  return [
    { topic: names.raw, partitions, config: TOPIC_CONFIG.raw },
    { topic: names.reports, partitions: 1, config: TOPIC_CONFIG.reports },
    { topic: names.deadLetters, partitions: 1, config: TOPIC_CONFIG.deadLetters },
    { topic: names.snapshots, partitions: 1, config: TOPIC_CONFIG.snapshots },
    ...ENTITY_TYPES.map((type) => ({ topic: names.changes[type], partitions, config: TOPIC_CONFIG.changes })),
  ];
}
