// Settings come from environment variables: a class names each variable as a property with class-validator
// constraints and a default. Only properties with constraints are read, anything else in the environment is ignored;
// an empty variable counts as not set. Messages name the setting and the constraint, never the value.
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';

/** Exit status for a wrong configuration (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `type`'s settings from `env`. Text becomes what the property is declared as: number, boolean (true or false),
 * array (separated by commas) or string, unless @Type or @Transform already made something else of it.
 */
export function loadConfig<T extends object>(type: new () => T, env: Environment = process.env): T {
  const names = settingNames(type);
  const given = names
    .map((name) => [name, env[name]] as const)
    .filter(([, text]) => text !== undefined && text !== '');
  const config = plainToInstance(type, Object.fromEntries(given));
  for (const name of names) {
    const value: unknown = Reflect.get(config, name);
    if (typeof value === 'string') Reflect.set(config, name, toDeclared(type, name, value));
  }
  const errors = validateSync(config, {
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw new ConfigError(errors.flatMap(problemsOf));
  return config;
}

function settingNames(type: new () => object): string[] {
  const constraints = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return [...new Set(constraints.map(({ propertyName }) => propertyName))];
}

function toDeclared(type: new () => object, name: string, text: string): unknown {
  switch (Reflect.getMetadata('design:type', type.prototype as object, name)) {
    case Number:
      return text.trim() === '' ? Number.NaN : Number(text);
    case Boolean:
      return text === 'true' ? true : text === 'false' ? false : text;
    case Array:
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    default:
      return text;
  }
}

function problemsOf(error: ValidationError): string[] {
  return Object.values(error.constraints ?? {}).map((message) =>
    message.includes(error.property) ? message : `${error.property} ${message}`,
  );
}
