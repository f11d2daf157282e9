import type { LoggerService } from '@nestjs/common';
import { errorFields } from './error-fields.js';
import type { ServiceLog } from './service-log.js';

/** Nest's own lines, from warnings up, in our form. */
export class NestLog implements LoggerService {
  constructor(private readonly lines: ServiceLog) {}

  log(): void {
    // which module was initialized is nobody's concern in operation
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.lines.warn('nest', fieldsOf(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.lines.error('nest', fieldsOf(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.lines.error('nest', fieldsOf(message, rest));
  }
}

/** Nest gives the context last, and before it perhaps a stack, which may quote anything and is left out. */
function fieldsOf(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  return {
    ...(typeof context === 'string' && !context.includes('\n') ? { context } : {}),
    ...(message instanceof Error
      ? errorFields(message)
      : { message: String(message).split('\n', 1)[0]?.slice(0, 300) }),
  };
}
