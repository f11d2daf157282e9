import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asyncApi, jsonSchema } from './async-api.js';
import { breakingChanges } from './compatibility.js';
import { conformance } from './conformance/conformance.js';
import { testVectors } from './conformance/vectors.js';
import { PUBLIC_MESSAGES } from './public-messages.js';

const FOLDER = 'docs/contract';
const RELEASED = join(FOLDER, 'released');
const written = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8')) as unknown;
const each = PUBLIC_MESSAGES.map((message) => [message.name, message] as const);

describe('the contract for machines', () => {
  it('lies in docs/contract as the schemas of the code say it, or `npm run contract` writes it anew', () => {
    expect(written(FOLDER, 'asyncapi.json')).toEqual(asyncApi());
    for (const message of PUBLIC_MESSAGES)
      expect(written(FOLDER, `${message.name}.schema.json`)).toEqual(jsonSchema(message));
  });

  it('has a conformance test and test vectors as the code makes them', () => {
    expect(written(FOLDER, 'conformance/messages.json')).toEqual(conformance());
    expect(written(FOLDER, 'conformance/vectors.json')).toEqual(testVectors());
  });

  it('is a valid AsyncAPI 3 document', () => {
    const specification = createRequire(import.meta.url)('@asyncapi/specs') as {
      schemas: Record<string, object>;
    };
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const validate = ajv.compile(specification.schemas['3.0.0'] ?? {});
    expect(validate({ ...asyncApi(), info: {} })).toBe(false);
    validate(asyncApi());
    expect(validate.errors).toBeNull();
  });

  it.each(each)('%s has samples, and each is what its schema says', (_name, message) => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(jsonSchema(message));
    expect(message.samples.length).toBeGreaterThan(0);
    for (const sample of message.samples) {
      validate(sample);
      expect(validate.errors).toBeNull();
    }
  });

  it.each(each)('%s keeps what was released, but for further optional properties', (name, message) => {
    for (const version of readdirSync(RELEASED)) {
      const path = join(RELEASED, version, `${name}.schema.json`);
      if (!existsSync(path)) continue; // it came after this version
      expect(breakingChanges(written(path), jsonSchema(message))).toEqual([]);
    }
  });

  it('still has every message that was released', () => {
    const names = PUBLIC_MESSAGES.map(({ name }) => `${name}.schema.json`);
    for (const version of readdirSync(RELEASED))
      expect(readdirSync(join(RELEASED, version)).filter((file) => !names.includes(file))).toEqual([]);
  });
});

describe('a breaking change', () => {
  const released = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'string', pattern: '^[a-z]+$' },
      cause: { anyOf: [{ const: 'absent' }, { const: 'withdrawn' }] },
      data: { type: 'object', required: [], properties: { active: { type: 'integer', minimum: 0 } } },
    },
  };
  const changed = (change: (schema: typeof released) => unknown): readonly string[] =>
    breakingChanges(released, change(structuredClone(released)));

  it('is none where an optional property comes, or a word of explanation', () => {
    expect(
      changed((schema) => ({
        ...schema,
        description: 'more',
        properties: { ...schema.properties, more: { type: 'string' } },
      })),
    ).toEqual([]);
  });

  it.each([
    [
      'a property is gone',
      (schema: typeof released) => ({ ...schema, properties: { id: schema.properties.id } }),
    ],
    [
      'a property must be there that could be missing',
      (schema: typeof released) => ({ ...schema, required: ['id', 'cause'] }),
    ],
    [
      'a property may be missing that was always there',
      (schema: typeof released) => ({ ...schema, required: [] }),
    ],
    [
      'a pattern is another',
      (schema: typeof released) => {
        schema.properties.id.pattern = '^[a-z0-9]+$';
        return schema;
      },
    ],
    [
      'a further value is possible',
      (schema: typeof released) => {
        schema.properties.cause.anyOf.push({ const: 'gone' });
        return schema;
      },
    ],
    [
      'a value deep within has another type',
      (schema: typeof released) => {
        schema.properties.data.properties.active.type = 'string';
        return schema;
      },
    ],
    ['what was open is closed', (schema: typeof released) => ({ ...schema, additionalProperties: false })],
  ])('is one where %s', (_what, change) => {
    expect(changed(change)).not.toEqual([]);
  });
});
