import {
  BadRequestException,
  Injectable,
  ParseIntPipe,
  type ArgumentMetadata,
  type PipeTransform,
} from '@nestjs/common';
import { cleanText } from '#oneroster';

/** No body of the admin API is half as deep. */
const MAX_DEPTH = 16;
const UNSTORABLE = 'a text holds U+0000 or half a character, or the body is too deep: it cannot be kept';

/** Refuses texts, however deep in a body, that Postgres cannot hold. */
@Injectable()
export class StorableTextPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown): unknown {
    if (!isStorable(value)) throw new BadRequestException(UNSTORABLE);
    return value;
  }
}

/** A run's number in a path: whole, above 0, and one that JavaScript can count. */
@Injectable()
export class GenerationPipe extends ParseIntPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<number> {
    const generation = Number(await super.transform(value, metadata));
    if (Number.isSafeInteger(generation) && generation > 0) return generation;
    throw new BadRequestException('a generation is a whole number above 0');
  }
}

function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return cleanText(value) === value;
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  return Object.entries(value).every(([name, inner]) => isStorable(name) && isStorable(inner, depth + 1));
}
