/*
 * Keep-alive agents that connect in time, with TLS verified, and to allowed addresses only. The check is made on the
 * address that is connected to, after the name was resolved, so a name cannot answer differently a second time.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, Socket, type LookupFunction } from 'node:net';
import { reachesLoopback, reachesPublicAnd, type Reach } from './networks.js';

export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT';

export interface ConnectionSettings {
  /** From the start of a connection to its TLS handshake done. */
  readonly connectTimeoutMs: number;
  /** Networks that are not public and may be reached over https all the same, as `address/bits`. */
  readonly privateNetworks: readonly string[];
}

export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

export function guardedAgents({ connectTimeoutMs, privateNetworks }: ConnectionSettings): Agents {
  const loopback = { keepAlive: true, lookup: lookupWithin(reachesLoopback) };
  const httpAgent = new HttpAgent(loopback);
  guard(httpAgent, reachesLoopback, connectTimeoutMs, 'connect');
  const reach = reachesPublicAnd(privateNetworks);
  // Said here, so that no variable of the environment can take it away.
  const verified: AgentOptions & { rejectUnauthorized: true } = {
    ...{ keepAlive: true, lookup: lookupWithin(reach), rejectUnauthorized: true },
  };
  const httpsAgent = new HttpsAgent(verified);
  guard(httpsAgent, reach, connectTimeoutMs, 'secureConnect');
  return { httpAgent, httpsAgent };
}

/** An address in a URL is connected to without a look-up, so it is checked here. */
function guard(agent: HttpAgent, reach: Reach, timeoutMs: number, ready: 'connect' | 'secureConnect'): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const host = options.host ?? '';
    if (isIP(host) !== 0 && !reach(host)) {
      const refused = withCode(ADDRESS_REFUSED);
      process.nextTick(() => callback?.(refused, new Socket()));
      return undefined;
    }
    const socket = connect(options, callback);
    if (!(socket instanceof Socket)) return socket;
    const timer = setTimeout(() => socket.destroy(withCode(CONNECT_TIMEOUT)), timeoutMs);
    const clear = (): void => clearTimeout(timer);
    socket.once(ready, clear).once('close', clear);
    return socket;
  };
}

function lookupWithin(reach: Reach): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, all, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => reach(address));
      const [first] = allowed;
      if (first === undefined) return callback(withCode(ADDRESS_REFUSED), []);
      return options.all === true ? callback(null, allowed) : tellOne(first, callback);
    });
  };
}

function tellOne({ address, family }: LookupAddress, callback: Parameters<LookupFunction>[2]): void {
  callback(null, address, family);
}

function withCode(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
