/*
 * The sandbox's own interface, below /control: what is shared (the truth, as plain records), ways to change it, and
 * faults. Described for its users in docs/sandbox.md. Every answer is JSON; a refusal is {"error": …}.
 */
import { ENTITY_TYPES } from '#contracts';
import type { Faults } from '../faults/faults.js';
import { fileReply, jsonReply, type Ask, type Reply } from '../http.js';
import { bundleFiles, zipOf } from '../roster/csv-writer.js';
import type { District } from '../sharing/district.js';
import { RefusedEditError, type EditCommand } from '../sharing/edits.js';
import { STANDINGS } from '../sharing/sharing-state.js';
import {
  isFields,
  isRecordVerb,
  optionalText,
  overlays,
  parseBody,
  refuse,
  toCommand,
  toFault,
  toServiceKind,
  toType,
  type Fields,
} from './control-fields.js';

const NOT_FOUND = jsonReply({ error: 'no such control' }, 404);

export class Control {
  constructor(
    private readonly districts: ReadonlyMap<string, District>,
    private readonly faults: Faults,
    /** How a districts file names a district. */
    private readonly entryOf: (district: District) => Fields,
  ) {}

  async answer(ask: Ask): Promise<Reply> {
    try {
      const [, area, districtId = '', ...path] = ask.path;
      if (area === 'faults' && districtId === '') return this.answerFaults(ask);
      if (area === 'districts-file') return jsonReply([...this.districts.values()].map(this.entryOf));
      if (area !== 'districts') return NOT_FOUND;
      if (districtId === '') return jsonReply([...this.districts.values()].map(describe));
      const district = this.districts.get(districtId);
      if (!district) return jsonReply({ error: 'no such district' }, 404);
      if (path[0] === 'bundle') return await answerBundle(district, path[1], ask.query.get('version'));
      return path.length === 0 ? jsonReply(describe(district)) : answerDistrict(district, path, ask);
    } catch (error) {
      if (error instanceof RefusedEditError) return jsonReply({ error: error.message }, error.status);
      throw error;
    }
  }

  private answerFaults({ method, body, query }: Ask): Reply {
    switch (method) {
      case 'GET':
        return jsonReply(this.faults.list());
      case 'POST':
        return jsonReply(this.faults.switchOn(toFault(parseBody(body))), 201);
      case 'DELETE':
        return jsonReply({ switchedOff: this.faults.switchOff(Object.fromEntries(query)) });
      default:
        return NOT_FOUND;
    }
  }
}

function describe(district: District): Fields {
  return {
    districtId: district.id,
    name: district.name,
    stamp: district.stamp,
    standing: district.standing,
    service: district.service,
    unsharedSchools: district.unsharedSchools,
    totals: Object.fromEntries(ENTITY_TYPES.map((type) => [type, district.view.total({ type })])),
  };
}

function answerDistrict(district: District, path: readonly string[], ask: Ask): Reply {
  const [area = '', ...rest] = path;
  if (area === 'records')
    return ask.method === 'GET' ? truth(district, rest, ask) : editRecord(district, rest, ask);
  if (ask.method !== 'POST') return NOT_FOUND;
  const value = parseBody(ask.body);
  switch (area) {
    case 'edits':
      return applied(
        district,
        Array.isArray(value) ? value.map(toCommand) : refuse('a list of commands'),
        ask,
      );
    case 'schools':
      return applied(district, [toCommand({ verb: `${rest[1]}-school`, sourcedId: rest[0] })], ask);
    case 'change':
      return applied(
        district,
        [toCommand({ ...(isFields(value) ? value : {}), verb: 'change-percent' })],
        ask,
      );
    case 'stamp':
      return moveStamp(district, value);
    case 'standing': {
      const wanted = isFields(value) ? value.standing : undefined;
      district.stand(
        STANDINGS.find((standing) => standing === wanted) ?? refuse(`one of ${STANDINGS.join(', ')}`),
      );
      return jsonReply(describe(district));
    }
    case 'service':
      district.serveAs(toServiceKind(value));
      return jsonReply(describe(district));
    case 'credentials':
      if (rest[0] !== 'rotate') return NOT_FOUND;
      district.rotateCredentials();
      return jsonReply(describe(district));
    default:
      return NOT_FOUND;
  }
}

/** The whole bundle as a zip file, or one file of it. */
async function answerBundle(
  district: District,
  name: string | undefined,
  version: string | null,
): Promise<Reply> {
  const files = bundleFiles(district.view, version === '1.2' ? '1.2' : '1.1');
  if (name === undefined) return fileReply('application/zip', await zipOf(files));
  const text = files.get(name);
  return text === undefined
    ? jsonReply({ error: 'no such file' }, 404)
    : fileReply('text/csv;charset=UTF-8', Buffer.from(text));
}

function moveStamp(district: District, value: unknown): Reply {
  const fields = isFields(value) ? value : {};
  const stamp = fields.stamp === null ? null : optionalText(fields, 'stamp');
  if (typeof stamp === 'string' && Number.isNaN(Date.parse(stamp))) refuse('stamp is a time or null');
  district.moveStamp(stamp);
  return jsonReply(describe(district));
}

function truth(district: District, [typeName, sourcedId]: readonly string[], { query }: Ask): Reply {
  const type = toType(typeName);
  if (sourcedId !== undefined) {
    const record = district.view.find(type, sourcedId);
    return record ? jsonReply(record) : jsonReply({ error: 'no shared record with this sourcedId' }, 404);
  }
  if (query.get('shared') === 'false') {
    const records = district.view.hidden(type);
    return jsonReply({ total: records.length, records });
  }
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? 10_000);
  if (!(Number.isSafeInteger(offset) && offset >= 0 && limit >= 0))
    refuse('offset and limit are numbers from 0');
  const records = district.view.slice({ type }, offset, Math.min(limit, 50_000));
  return jsonReply({ total: district.view.total({ type }), records });
}

function editRecord(district: District, [typeName, sourcedId, verb]: readonly string[], ask: Ask): Reply {
  const type = toType(typeName);
  const value = parseBody(ask.body);
  const fields = isFields(value) ? value : refuse('the body is an object');
  if (sourcedId === undefined) {
    return ask.method === 'POST'
      ? applied(district, [{ verb: 'add', type, record: fields }], ask, 201)
      : NOT_FOUND;
  }
  if (verb === undefined && ask.method === 'PATCH') {
    return applied(district, [{ verb: 'edit', type, sourcedId, ...overlays(fields) }], ask);
  }
  if (verb === undefined && ask.method === 'DELETE') {
    return applied(district, [{ verb: 'remove', type, sourcedId }], ask);
  }
  if (ask.method !== 'POST' || !isRecordVerb(verb)) return NOT_FOUND;
  return applied(district, [{ verb, type, sourcedId }], ask);
}

/** Answers the ids touched, in the commands' order; a change by percent names none. */
function applied(district: District, commands: readonly EditCommand[], ask: Ask, status = 200): Reply {
  const touched = district.edit(commands, ask.query.get('stamp') !== 'false');
  const sourcedIds = touched.filter((sourcedId) => sourcedId !== null);
  return jsonReply({ sourcedIds, stamp: district.stamp }, status);
}
