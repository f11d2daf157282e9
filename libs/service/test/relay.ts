/* A network between a service and its server that can go silent: open connections stay open and carry nothing. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Relay {
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** A relay to the server of a URL, and the URL that leads through it. */
  static async before(url: string): Promise<{ readonly relay: Relay; readonly url: string }> {
    const through = new URL(url);
    const { hostname } = through;
    const port = Number(through.port || '5432');
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (near) => relay.#carry(near, connect(port, hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { relay, url: through.href };
  }

  /** What is sent over connections that are open now never arrives; new ones work. */
  silence(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #carry(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
