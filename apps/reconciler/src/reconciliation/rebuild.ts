/*
 * A partition without a position gets one: the highest epoch of the change topics plus one, behind its own fence in
 * the raw log and in every change topic, so that whoever wrote before is told from whoever writes after.
 * Topics that hold events cannot be folded into the index yet: such a partition stops.
 */
import type { Logs, Position, RosterIndex } from './ports.js';

/** The partition cannot go on without an operator. */
export class PartitionStoppedError extends Error {
  override readonly name = 'PartitionStoppedError';

  constructor(partition: number, reason: string) {
    super(`partition ${partition} stopped: ${reason}`);
  }
}

/** Returns when the index holds a position for the partition, its own or another rebuilder's. */
export async function rebuild(
  partition: number,
  index: RosterIndex,
  logs: Logs,
  author: string,
): Promise<void> {
  for (;;) {
    const survey = await logs.surveyChanges(partition);
    if (survey.holdsEvents) {
      throw new PartitionStoppedError(
        partition,
        'the index is lost but the change topics hold events; restore Redis from its latest append-only file',
      );
    }
    const epoch = survey.epoch + 1;
    const fencedAt = await logs.fenceRaw(partition, epoch, author);
    await logs.report([{ kind: 'rebuilding', partition, epoch }]);
    if (await logs.fenceChanges(partition, epoch, author)) {
      const position: Position = { epoch, mode: 'follow', next: fencedAt + 1n, applyNext: '' };
      await index.install(partition, position);
      return;
    }
    const { position } = await index.read(partition, [], []);
    if (position !== null) return;
  }
}
