/** Change topics filled with a district's records: half enrollments, most others users, some classes. */
import {
  encodeChange,
  encodeWatermark,
  NO_SCHOOL,
  partitionOf,
  recordHash,
  topicNames,
  watermarkTerm,
  XorSum,
  type ChangeVerb,
  type EntityType,
} from '#contracts';
import type { LogPublisher } from '#kafka';
import { readRecord } from '#oneroster';

export const FILLED_TYPES = ['classes', 'users', 'enrollments'] as const;
const SHARES = { classes: 0.05, users: 0.45, enrollments: 0.5 } as const;
const DISTRICT = '5436ad48-ad48-4436-a766-1bf24a2ea1b5';
const PER_SEND = 2_000;
/** A number that shuffles 0 … 1,000,002 when multiplied: ids come in no order, as those of a source. */
const [STRIDE, ROOM] = [7_919, 1_000_003];

export interface Filling {
  readonly namespace: string;
  readonly partitions: number;
  readonly records: number;
  readonly generation: number;
  readonly verb: ChangeVerb;
}

/** Resolves when all is acknowledged, the watermarks of the generation too. */
export async function fillTopics(publisher: LogPublisher, filling: Filling): Promise<void> {
  for (const type of FILLED_TYPES) await fillTopic(publisher, type, filling);
}

async function fillTopic(publisher: LogPublisher, type: EntityType, filling: Filling): Promise<void> {
  const { namespace, partitions, generation, verb } = filling;
  const topic = topicNames(namespace).changes[type];
  const sums = Array.from({ length: partitions }, () => new XorSum());
  const time = new Date(1_790_000_000_000 + generation).toISOString();
  const count = Math.round(filling.records * SHARES[type as keyof typeof SHARES]);
  for (let from = 0; from < count; from += PER_SEND) {
    const messages = Array.from({ length: Math.min(PER_SEND, count - from) }, (_, at) => {
      const reading = readRecord(type, sourceOf(type, from + at, generation));
      if (reading.kind !== 'record') throw new Error('the benchmark makes good records');
      const { gg4lId, fingerprint, canonical: body } = reading;
      const partition = partitionOf(recordHash(DISTRICT, type, gg4lId), partitions);
      sums[partition]?.add(watermarkTerm(gg4lId, fingerprint));
      const change = { districtId: DISTRICT, entityType: type, gg4lId, verb, generation, epoch: 1, time };
      return { partition, ...encodeChange({ ...change, fingerprint, schoolHash: NO_SCHOOL, body }) };
    });
    await publisher.publish(topic, messages);
  }
  const watermarks = sums.map(({ count: active, hex: xor }, partition) => {
    const line = { districtId: DISTRICT, entityType: type, partition, generation, epoch: 1, time };
    return { partition, ...encodeWatermark({ ...line, active, xor }) };
  });
  await publisher.publish(topic, watermarks);
}

function sourceOf(type: EntityType, n: number, generation: number): object {
  const id = idOf(n);
  if (type === 'classes')
    return {
      sourcedId: id,
      title: `Class ${n} ${generation}`,
      course: idOf(n % 500),
      school: idOf(n % 40),
      terms: [idOf(1), idOf(2)],
    };
  if (type === 'users')
    return {
      ...{
        sourcedId: id,
        username: `user.${n}`,
        givenName: `Given${n % 997}`,
        familyName: `Family${n % 1999}`,
      },
      ...{
        role: 'student',
        enabledUser: true,
        identifier: String(n),
        email: `user.${n}.${generation}@d.example`,
      },
      ...{ grades: [String(n % 12)], orgs: [idOf(n % 40)], userIds: [{ type: 'LDAP', identifier: `u${n}` }] },
    };
  const ends = `2027-06-${String(1 + (generation % 28)).padStart(2, '0')}`;
  const links = { user: idOf(n % 100_000), class: idOf(n % 10_000), school: idOf(n % 40) };
  return { sourcedId: id, role: 'student', beginDate: '2026-08-01', endDate: ends, ...links };
}

function idOf(n: number): string {
  return `5436ad48-ad48-4436-a766-${String((n * STRIDE) % ROOM).padStart(12, '0')}`;
}
