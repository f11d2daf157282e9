import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ allErrors: false, strict: false });

/** A message that is not what its schema says. Names the place and the rule, never the value. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** Compiles a schema once; the returned function gives the value back typed, or throws MalformedMessageError. */
export function checker<S extends TSchema>(what: string, schema: S): (value: unknown) => Static<S> {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= ajv.compile(schema);
    if (!validate(value)) {
      const first = validate.errors?.[0];
      throw new MalformedMessageError(
        `${what}: ${first?.instancePath || '/'} ${first?.message ?? 'is malformed'}`,
      );
    }
    return value;
  };
}

/** Parses JSON bytes; throws MalformedMessageError (without the text) if they are none. */
export function parseJson(what: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new MalformedMessageError(`${what}: not JSON`, {
      cause: cause instanceof Error ? cause.name : undefined,
    });
  }
}
