// What happens to users, on stdout, and when a district is complete. Every start begins at the start of the topic.
import { RosterConsumer } from 'rollcall-roster-consumer';

const say = (/** @type {object} */ event) => console.log(JSON.stringify(event));
const consumer = new RosterConsumer({
  kafka: { brokers: (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(','), clientId: 'subscriber' },
  groupId: 'subscriber',
  namespace: process.env.ROLLCALL_NAMESPACE ?? 'rollcall',
  handlers: {
    users: {
      created: ({ gg4lId, record }) => say({ created: gg4lId, username: record['username'] }),
      updated: ({ gg4lId, record }) => say({ updated: gg4lId, username: record['username'] }),
      restored: ({ gg4lId }) => say({ restored: gg4lId }),
      archived: ({ gg4lId, cause }) => say({ archived: gg4lId, cause }),
    },
  },
  onComplete: (completed) => say({ completed }),
});
process.once('SIGTERM', () => consumer.stop());
await consumer.run();
