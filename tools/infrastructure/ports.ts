import { createServer, type Server } from 'node:net';

// Below the range from which outgoing connections take their ports, so that no client grabs one between the
// question and the start of the server.
const LOWEST = 20_000;
const COUNT = 12_000;
const TRIES = 200;

/** Ports on 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let tries = 0; ports.length < count; tries += 1) {
      if (tries === TRIES) throw new Error('no free port on 127.0.0.1');
      const port = LOWEST + Math.floor(Math.random() * COUNT);
      const server = await listen(port);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
