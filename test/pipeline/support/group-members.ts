/*
 * Takes members out of a consumer group at once, as the broker does when it has heard nothing of them for the session
 * time-out: after a kill nobody has to wait for that. One that lives joins again by itself.
 */
import { KafkaConnection } from '#kafka';

/** What kafkajs' own cluster can do beyond what libs/kafka needs of it. */
interface GroupCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(group: { groupId: string }): Promise<{
    leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
  }>;
}

export class GroupMembers {
  constructor(private readonly connection: KafkaConnection) {}

  /** Their number. */
  async expel(groupId: string): Promise<number> {
    const memberIds = await this.of(groupId);
    const cluster = this.connection.cluster() as unknown as GroupCluster;
    await cluster.connect();
    try {
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      for (const memberId of memberIds) await coordinator.leaveGroup({ groupId, memberId });
    } finally {
      await cluster.disconnect();
    }
    return memberIds.length;
  }

  private async of(groupId: string): Promise<readonly string[]> {
    const admin = this.connection.admin();
    await admin.connect();
    try {
      const { groups } = await admin.describeGroups([groupId]);
      return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId));
    } finally {
      await admin.disconnect();
    }
  }
}
