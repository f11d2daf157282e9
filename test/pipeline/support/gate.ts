/*
 * A door between a service and a server: what goes through it can be held, from now or from the moment a given text
 * is sent, and let go again. Nothing is lost or reordered.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const KEPT_BYTES = 64; // of what was sent before, so that a text is found across two chunks

export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  #isShut = false;
  #shutAt: string | null = null;

  private constructor(private readonly target: URL) {
    this.#server = createServer((client) => this.pass(client));
  }

  /** To the server that `url` names. */
  static async open(url: string): Promise<Gate> {
    const gate = new Gate(new URL(url));
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  /** The same URL through this gate. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Holds from the moment a service sends `text`, which is held too. */
  shutAt(text: string): void {
    this.#shutAt = text;
  }

  /** Whether something waits to be let through. */
  get isAwaited(): boolean {
    return this.#held.length > 0;
  }

  letGo(): void {
    this.#isShut = false;
    this.#shutAt = null;
    for (const send of this.#held.splice(0)) send();
  }

  async close(): Promise<void> {
    this.letGo();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  private pass(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    let before = '';
    client.on('data', (chunk) => {
      const sent = before + chunk.toString('latin1');
      before = sent.slice(-KEPT_BYTES);
      if (this.#shutAt !== null && sent.includes(this.#shutAt)) this.#isShut = true;
      if (this.#isShut) this.#held.push(() => server.write(chunk));
      else server.write(chunk);
    });
    server.on('data', (chunk) => client.write(chunk));
  }
}
