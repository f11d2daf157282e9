import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';

/** Under which name this coordinator holds its lease; another one after every start. */
@Injectable()
export class StepOwner {
  readonly name = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
}
