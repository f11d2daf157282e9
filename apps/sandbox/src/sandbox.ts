import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Control } from './control/control.js';
import { Faults } from './faults/faults.js';
import { jsonReply, readAsk, send, type Ask, type Reply } from './http.js';
import type { SandboxOptions } from './options.js';
import { readCsvBundle } from './roster/csv-bundle.js';
import { GeneratedRoster } from './roster/generated-roster.js';
import { mix, uuid } from './roster/hash.js';
import { DOCUMENTED_LAYOUT, layoutOf } from './roster/layout.js';
import { DISTRICT_NAMES, pick } from './roster/names.js';
import type { Roster } from './roster/plain-record.js';
import { createRenderer } from './roster/render.js';
import { District, type Credentials } from './sharing/district.js';
import { StateStore } from './sharing/state.store.js';
import { Access } from './source/access.js';
import { ONE_ROSTER_PATH, OneRosterApi } from './source/one-roster.js';
import { OtherServer } from './source/other-server.js';
import { SchoolPassport } from './source/school-passport.js';

/** Loopback only, whatever is asked: this answers anybody who can reach it. */
const HOST = '127.0.0.1';
export const NOTE =
  'A look-alike of GG4L School Passport for demos, tests and benchmarks, with invented people. Not School Passport.';

export interface Sandbox {
  readonly url: string;
  readonly partner: Credentials;
  close(): Promise<void>;
}

type Answer = (ask: Ask) => Reply | Promise<Reply>;

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const districts = makeDistricts(options);
  const access = new Access(options.seed, districts);
  let answer: Answer = () => jsonReply({ note: NOTE }, 503);
  const server = createServer((request, response) => {
    void serveOne(request, response, (ask) => answer(ask));
  });
  server.keepAliveTimeout = 60_000;
  const url = await listen(server, options.port);
  answer = route(url, districts, access);
  return { url, partner: access.partner, close: () => close(server) };
}

/** An error in answering is a bug and ends the process; a client that leaves in mid-request is not. */
async function serveOne(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  let ask: Ask | null;
  try {
    ask = await readAsk(request);
  } catch {
    response.destroy();
    return;
  }
  await send(response, ask ? await answer(ask) : jsonReply({ error: 'not understood' }, 400));
}

function route(url: string, districts: ReadonlyMap<string, District>, access: Access): Answer {
  const faults = new Faults();
  const oneRosterUrl = `${url}/${ONE_ROSTER_PATH.join('/')}`;
  const oneRoster = new OneRosterApi(oneRosterUrl, createRenderer(oneRosterUrl), faults);
  const schoolPassport = new SchoolPassport(url, districts, access, faults, oneRoster);
  const otherServer = new OtherServer(url, districts, access, faults);
  const control = new Control(districts, faults, (district) => otherServer.entryOf(district));
  return (ask) => {
    switch (ask.path[0] ?? '') {
      case '':
        return jsonReply({ note: NOTE, control: `${url}/control/districts` });
      case 'control':
        return control.answer(ask);
      case 'ims':
        return otherServer.answer(ask);
      default:
        return schoolPassport.answer(ask);
    }
  };
}

/** Ids and names of districts follow from the seed, so that edits in the data folder find their district again. */
function makeDistricts({
  seed,
  districts,
  records,
  csv,
  folder,
  service,
}: SandboxOptions): ReadonlyMap<string, District> {
  const store = new StateStore(folder);
  const served: District[] = [];
  const serve = (salt: number, name: string, toRoster: (districtSeed: number) => Roster): void => {
    const districtSeed = mix(seed, salt);
    served.push(new District(uuid(districtSeed, seed, salt), name, toRoster(districtSeed), seed, store));
  };
  for (let number = 0; number < districts; number += 1) {
    const again = Math.floor(number / DISTRICT_NAMES.length);
    const name = `${pick(DISTRICT_NAMES, number)}${again === 0 ? '' : ` ${again + 1}`}`;
    serve(number, name, (districtSeed) => new GeneratedRoster(districtSeed, name, DOCUMENTED_LAYOUT));
  }
  if (records !== null) {
    const name = `Great Plains Unified (${records} records)`;
    serve(records, name, (districtSeed) => new GeneratedRoster(districtSeed, name, layoutOf(records)));
  }
  if (csv !== null) serve(0xc5f, 'CSV bundle', () => readCsvBundle(csv));
  if (service !== undefined) for (const district of served) district.serveAs(service);
  return new Map(served.map((district) => [district.id, district]));
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => resolve(`http://${HOST}:${(server.address() as AddressInfo).port}`));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
