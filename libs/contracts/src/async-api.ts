/* The contract for machines: an AsyncAPI 3 document of the public topics, and JSON Schemas 2020-12 of their messages. */
import { PUBLIC_MESSAGES, type PublicMessage } from './public-messages.js';
import { DEFAULT_NAMESPACE, topicNames } from './topics.js';
import { ENTITY_TYPES } from './entity-types.js';

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const SCHEMA_FORMAT = 'application/schema+json;version=draft-2020-12';
type Json = Readonly<Record<string, unknown>>;

/** The JSON Schema of a message, as a file of its own. */
export function jsonSchema({ schema, samples }: PublicMessage): Json {
  return { $schema: DIALECT, ...plain(schema), examples: samples };
}

/** `topics.v1` in the names of topics is the version of everything here. */
export function asyncApi(): Json {
  const names = topicNames(DEFAULT_NAMESPACE);
  const changes = ENTITY_TYPES.map((type) =>
    channel(names.changes[type], `${type}: change events, watermarks and fences`, 'changes'),
  );
  const channels = Object.fromEntries([
    ...changes,
    channel(names.snapshots, 'the life of each run, and of districts', 'snapshots'),
    channel(names.deadLetters, 'what could not be read; it may hold personal data', 'deadLetters'),
  ]);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rollcall',
      version: '1.0.0',
      description:
        'School rosters as they change. Apply an event only if its generation is higher than what you have stored. Rules of reading: contract.md. Under a namespace other than `rollcall` all topics begin with its name.',
    },
    defaultContentType: 'application/json',
    channels,
    operations: Object.fromEntries(Object.keys(channels).map((id) => [`read-${id}`, reading(id)])),
    components: {
      messages: Object.fromEntries(PUBLIC_MESSAGES.map((message) => [message.name, toMessage(message)])),
    },
  };
}

function channel(address: string, description: string, topic: PublicMessage['topic']): [string, Json] {
  const messages = PUBLIC_MESSAGES.filter((message) => message.topic === topic).map(
    ({ name }) => [name, { $ref: `#/components/messages/${name}` }] as const,
  );
  return [address.replaceAll('.', '-'), { address, description, messages: Object.fromEntries(messages) }];
}

function reading(id: string): Json {
  return { action: 'receive', channel: { $ref: `#/channels/${id}` } };
}

function toMessage({ name, schema, key, samples }: PublicMessage): Json {
  return {
    name,
    summary: schema.description ?? name,
    description: `Key: ${key}`,
    contentType: 'application/json',
    payload: { schemaFormat: SCHEMA_FORMAT, schema: plain(schema) },
    examples: samples.map((payload) => ({ payload })),
  };
}

/** Without what only the compiler sees. */
function plain(schema: object): Json {
  return JSON.parse(JSON.stringify(schema)) as Json;
}
