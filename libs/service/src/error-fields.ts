/**
 * What of an error may be logged. Messages are kept where their authors do not quote what they read; those of the
 * JSON parser and of Postgres' data and constraint errors (SQLSTATE 22, 23) do, so only name and code remain.
 */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? error.code
      : undefined;
  return {
    error: error.name,
    ...(code === undefined ? {} : { code }),
    ...(quotesInput(error, code) ? {} : { message: error.message.slice(0, MAX_MESSAGE) }),
    at: framesOf(error),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}

const MAX_MESSAGE = 500;
const MAX_FRAMES = 6;

function quotesInput(error: Error, code: string | number | undefined): boolean {
  return (
    error instanceof SyntaxError ||
    error.name === 'SyntaxError' ||
    (typeof code === 'string' && /^2[23]...$/.test(code))
  );
}

/** The frames of the stack without its first lines, which repeat the message. */
function framesOf(error: Error): string[] {
  const lines = error.stack?.split('\n') ?? [];
  return lines
    .map((line) => line.trim())
    .filter((line) => /^at .*(:\d+:\d+|<anonymous>|native)\)?$/.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => line.slice('at '.length));
}
