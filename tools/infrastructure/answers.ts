/** Does it answer? One attempt each, rejecting with the reason. */
import { connect } from 'node:net';
import pg from 'pg';
import { createClient } from 'redis';

const TIMEOUT_MS = 3_000;

/** A metadata request (version 1, no topics), answered with at least one broker. */
export function kafkaAnswers(broker: string): Promise<void> {
  const { host, port } = endpoint(broker);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const received: Buffer[] = [];
    const end = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(new Error(`${broker} does not answer`)));
    socket.once('error', end);
    socket.once('close', () =>
      end(new Error(`${broker} closed the connection: does it want TLS or a password?`)),
    );
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      const answer = Buffer.concat(received);
      if (answer.length < 12 || answer.length < 4 + answer.readInt32BE(0)) return;
      end(answer.readInt32BE(8) > 0 ? undefined : new Error(`${broker} knows no broker yet`));
    });
  });
}

function metadataRequest(): Buffer {
  const clientId = Buffer.from('rollcall');
  const body = Buffer.alloc(2 + 2 + 4 + 2 + clientId.length + 4);
  body.writeInt16BE(3, 0);
  body.writeInt16BE(1, 2);
  body.writeInt32BE(1, 4);
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  body.writeInt32BE(0, 10 + clientId.length);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length, 0);
  return Buffer.concat([size, body]);
}

function endpoint(broker: string): { host: string; port: number } {
  const colon = broker.lastIndexOf(':');
  const port = Number(broker.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error('a broker is written host:port');
  return { host: broker.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port };
}

export async function redisAnswers(url: string): Promise<void> {
  const client = createClient({ url, socket: { connectTimeout: TIMEOUT_MS, reconnectStrategy: false } });
  client.on('error', () => undefined); // connect() and ping() reject with the same
  await client.connect();
  try {
    await client.ping();
  } finally {
    client.destroy();
  }
}

export async function postgresAnswers(url: string): Promise<void> {
  await withPostgres(url, (client) => client.query('select 1'));
}

const NO_SUCH_DATABASE = '3D000';
const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505';

/**
 * The URL of the namespace's database on the server of the URL; creates it if it is missing, from the URL's own
 * database or from `postgres`.
 */
export async function ensureDatabase(url: string, namespace: string): Promise<string> {
  const own = withDatabase(url, namespace);
  try {
    await postgresAnswers(own);
    return own;
  } catch (error) {
    if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
  }
  await createDatabase(url, namespace).catch(async (error: unknown) => {
    if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
    await createDatabase(withDatabase(url, 'postgres'), namespace);
  });
  return own;
}

async function createDatabase(url: string, name: string): Promise<void> {
  try {
    await withPostgres(url, (client) => client.query(`create database ${pg.escapeIdentifier(name)}`));
  } catch (error) {
    const code = codeOf(error);
    if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error; // another one was quicker
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

async function withPostgres(url: string, use: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end();
  }
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;
