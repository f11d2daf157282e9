// Requests to the leaders of partitions, without a group. Leader changes, broker restarts and closed connections are
// ridden out for RIDE_OUT_MS without progress, each try with fresh metadata; then the last error is thrown unchanged.
// What is not passing is thrown at once.
import { setTimeout as pause } from 'node:timers/promises';
import type { Broker, Cluster } from './kafkajs-cluster.js';
import type { KafkaConnection } from './kafka-connection.client.js';

const RIDE_OUT_MS = 60_000;
const RETRY_PAUSE_MS = 250;

export class UnknownPartitionError extends Error {
  override readonly name = 'UnknownPartitionError';
  constructor(topic: string, partition: number) {
    super(`${topic} has no partition ${partition}`);
  }
}

export class SteadyCluster {
  private readonly cluster: Cluster;
  private connected: Promise<void> | undefined;
  private lastTurn: Promise<void> = Promise.resolve();

  constructor(connection: KafkaConnection) {
    this.cluster = connection.cluster();
  }

  /** Tries again while the cluster is merely in motion. */
  async ridingOut<T>(request: (cluster: Cluster) => Promise<T>): Promise<T> {
    const giveUpAt = Date.now() + RIDE_OUT_MS;
    for (;;) {
      try {
        return await this.inTurn(async () => {
          await this.connect();
          return request(this.cluster);
        });
      } catch (error) {
        if (!isPassing(error) || Date.now() >= giveUpAt) throw error;
        await this.forget(error);
      }
    }
  }

  /**
   * Tries again until there is something to send to, and sends once: null if that failed for a passing reason, so that
   * nobody knows whether it arrived, or still will.
   */
  async sendingOnce<P, T extends object>(
    prepare: () => Promise<P>,
    send: (prepared: P) => Promise<T>,
  ): Promise<T | null> {
    return this.ridingOut(async () => {
      const prepared = await prepare();
      try {
        return await send(prepared);
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.forget(error);
        return null;
      }
    });
  }

  /** For use inside a request, as is `brokerOf`: the leader's node id. */
  async leaderOf(topic: string, partition: number): Promise<string> {
    await this.cluster.addTargetTopic(topic);
    await this.cluster.refreshMetadataIfNecessary();
    const [nodeId] = Object.keys(this.cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new UnknownPartitionError(topic, partition);
    return nodeId;
  }

  brokerOf(nodeId: string): Promise<Broker> {
    return this.cluster.findBroker({ nodeId });
  }

  async close(): Promise<void> {
    await this.lastTurn;
    if (this.connected === undefined) return;
    await this.cluster.disconnect();
    this.connected = undefined;
  }

  private connect(): Promise<void> {
    this.connected ??= this.cluster.connect().catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    return this.connected;
  }

  /** One request at a time: kafkajs opens a socket for each of several first requests, and leaks all but one. */
  private inTurn<T>(request: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(request);
    this.lastTurn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  private async forget(error: PassingError): Promise<void> {
    if (typeof error.host === 'string' && typeof error.port === 'number') {
      this.cluster.removeBroker({ host: error.host, port: error.port });
    }
    await pause(RETRY_PAUSE_MS);
    try {
      await this.cluster.refreshMetadata();
    } catch (refreshError) {
      if (!isPassing(refreshError)) throw refreshError;
    }
  }
}

interface PassingError extends Error {
  readonly host?: unknown;
  readonly port?: unknown;
}

/** Leader changes, closed connections, time-outs, brokers not yet up: kafkajs marks them, or wraps them when it gave up. */
function isPassing(error: unknown): error is PassingError {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KafkaJSNumberOfRetriesExceeded') return isPassing(error.cause);
  return error.name === 'KafkaJSLockTimeout' || ('retriable' in error && error.retriable === true);
}
