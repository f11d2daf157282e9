/*
 * One complete read of one district: BEGIN, the seven collections in their order, END, and the proof. END is written
 * only if every collection was read to its confirmed end, every record is acknowledged and the lease still holds; any
 * error before leaves a snapshot without END, which no reconciler plans.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ClaimedRun, Reading } from '#ledger';
import { allowsType } from '#oneroster';
import { failpoint } from '#service';
import type { DistrictSource, Quirks } from '#school-passport';
import { Outbox } from '../packing/outbox.js';
import { ReferenceTargets } from '../packing/reference-targets.js';
import { begin } from './begin.js';
import { CollectionTally, type CollectionFacts } from './collection-facts.js';
import { end, SentIds } from './end.js';
import { ErasedRecords } from './erased-records.js';
import { requireIdSpace, requireSameSource } from './id-space.js';
import type { Lease } from '../run/lease.js';
import { readCollection, type SnapshotScope } from './pages.js';
import type { Placed, Ports } from '../ports.js';
import { Progress } from './progress.js';
import { prove, referenceShares, type Evidence } from './proof.js';
import { RecordNotes } from './record-notes.js';
import { SnapshotError } from './snapshot.errors.js';

/** `noticed` gains what the source needed, also where it throws. */
export async function readSnapshot(
  run: ClaimedRun,
  ports: Ports,
  lease: Pick<Lease, 'signal' | 'assertLive' | 'confirm' | 'askAgain'>,
  partitions: number,
  noticed: Quirks,
): Promise<Reading> {
  const { source, log, clock, ledger } = ports;
  const before = await find(run, ports);
  requireIdSpace(before.version, await ledger.knownVersions(run.districtId));
  const erased = new ErasedRecords(run.districtId, await ledger.erased(run.districtId));
  lease.assertLive();
  failpoint('fetcher.before-begin');
  await begin(run, log, partitions);
  failpoint('fetcher.after-begin');

  const assertLive = (): void => lease.assertLive();
  const outbox = new Outbox(log, { assertLive, onAcknowledged: noticeUsers });
  const progress = new Progress(run, log, clock, outbox);
  const onPage: SnapshotScope['onPage'] = (type, rows) => progress.received(type, rows);
  const scope: SnapshotScope = {
    run,
    partitions,
    log,
    clock,
    outbox,
    sent: new SentIds(partitions),
    targets: new ReferenceTargets(),
    notGranted: new Set(),
    allow: run.allow,
    erased,
    notes: new RecordNotes(),
    onPage,
    isStamped: before.readyStamp !== null,
  };
  const collections = await readCollections(scope, (type) =>
    source.pages(before, type, lease.signal, noticed),
  );
  const after = await find(run, ports);
  requireSameSource(before, after);
  progress.tell();
  await outbox.drain();
  await lease.confirm();
  failpoint('fetcher.before-end');
  await end(run, log, scope.sent);
  failpoint('fetcher.after-end');

  const askReferences = (): ReturnType<typeof ledger.lastReferences> => ledger.lastReferences(run.districtId);
  let lastReferences: Evidence['lastReferences'];
  try {
    lastReferences = await askReferences();
  } catch (error) {
    lastReferences = await lease.askAgain(error, askReferences);
  }
  const stamps = { stampBefore: before.readyStamp, stampAfter: after.readyStamp };
  const found = toReading({ ...stamps, collections, lastReferences });
  return {
    ...found,
    notGranted: found.notGranted.filter((type) => allowsType(run.allow, type)),
    notAllowed: ENTITY_TYPES.filter((type) => !allowsType(run.allow, type)),
    quirks: [...noticed].sort(),
    ...scope.notes.found(),
    maskedBefore: run.maskedBefore,
    version: before.version,
  };
}

async function find({ districtId }: ClaimedRun, { source }: Ports): Promise<DistrictSource> {
  const found = await source.find(districtId);
  if (found === null) throw new SnapshotError('the source does not name the district', 'source');
  return found;
}

async function readCollections(
  scope: SnapshotScope,
  pagesOf: (type: EntityType) => ReturnType<Ports['source']['pages']>,
): Promise<Readonly<Record<EntityType, CollectionFacts>>> {
  const facts: [EntityType, CollectionFacts][] = [];
  for (const type of ENTITY_TYPES) {
    if (allowsType(scope.allow, type)) {
      facts.push([type, await readCollection(scope, type, () => pagesOf(type))]);
    } else {
      scope.notGranted.add(type); // what points there is not to be found
      facts.push([type, new CollectionTally().notGranted()]);
    }
  }
  return Object.fromEntries(facts) as Record<EntityType, CollectionFacts>;
}

function noticeUsers(messages: readonly Placed[]): void {
  const isUsers = ({ message }: Placed): boolean =>
    message.kind === 'records' && message.entityType === 'users';
  if (messages.some(isUsers)) failpoint('fetcher.mid-records');
}

function toReading(evidence: Evidence): Omit<Reading, 'quirks'> {
  const { collections } = evidence;
  const counts = (count: (facts: CollectionFacts) => number): Record<EntityType, number> => {
    const byType = ENTITY_TYPES.map((type) => [type, count(collections[type])] as const);
    return Object.fromEntries(byType) as Record<EntityType, number>;
  };
  return {
    proof: prove(evidence),
    rows: counts(({ rows }) => rows),
    unreadable: counts(({ unreadable }) => unreadable),
    quarantined: counts(({ quarantined }) => quarantined),
    erased: counts(({ erased }) => erased),
    notGranted: ENTITY_TYPES.filter((type) => !collections[type].granted),
    references: referenceShares(collections),
    known: knownOf(collections),
  };
}

function knownOf(collections: Evidence['collections']): Reading['known'] {
  const known = ENTITY_TYPES.flatMap((type) => {
    const gg4lId = collections[type].known;
    return gg4lId === null ? [] : [[type, gg4lId] as const];
  });
  return Object.fromEntries(known);
}
