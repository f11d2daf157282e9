import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.client.js';

const GONE_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/** Deletes topics and consumer groups, for a start from nothing. Never part of a running service. */
export class NamespaceWipe {
  private readonly admin: Admin;

  constructor(connection: KafkaConnection) {
    this.admin = connection.admin();
  }

  /**
   * When it resolves, none of the topics exists, and no group whose name begins so. A group is in use for its session
   * time-out after its members were killed; one that stays in use is refused.
   */
  async wipe({ topics, groupPrefix }: { topics: readonly string[]; groupPrefix: string }): Promise<void> {
    await this.admin.connect();
    try {
      await this.deleteGroups(groupPrefix);
      await this.deleteTopics(topics);
    } finally {
      await this.admin.disconnect();
    }
  }

  private async deleteGroups(prefix: string): Promise<void> {
    const giveUpAt = Date.now() + GONE_WITHIN_MS;
    for (;;) {
      const { groups } = await this.admin.listGroups();
      const ids = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
      if (ids.length === 0) return;
      try {
        await this.admin.deleteGroups(ids);
      } catch (error) {
        if (!(error instanceof kafkajs.KafkaJSDeleteGroupsError)) throw error;
        const names = error.groups?.map(({ groupId }) => groupId).join(', ') ?? ids.join(', ');
        if (Date.now() >= giveUpAt)
          throw new Error(`groups are still in use, so their topics stay: ${names}`, { cause: error });
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  private async deleteTopics(topics: readonly string[]): Promise<void> {
    const existing = await this.remaining(topics);
    if (existing.length === 0) return;
    await this.admin.deleteTopics({ topics: existing });
    const giveUpAt = Date.now() + GONE_WITHIN_MS;
    for (let left = existing; left.length > 0; left = await this.remaining(topics)) {
      if (Date.now() >= giveUpAt) throw new Error(`topics that do not go away: ${left.join(', ')}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  private async remaining(topics: readonly string[]): Promise<string[]> {
    const existing = new Set(await this.admin.listTopics());
    return topics.filter((topic) => existing.has(topic));
  }
}
