import type { ExceptionFilter } from '@nestjs/common';
import { applyDecorators, Catch, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';

/** Nest would log a handler's error and go on; the consumer must see it, or the batch would count as handled. */
@Catch()
export class RethrowingFilter implements ExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}

/**
 * Marks `handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void>` as the handler of a pattern
 * of BatchServer's `topics`.
 */
export function BatchHandler(pattern: string): MethodDecorator {
  return applyDecorators(EventPattern(pattern) as MethodDecorator, UseFilters(new RethrowingFilter()));
}
