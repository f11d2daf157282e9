import { timingSafeEqual, createHash } from 'node:crypto';
import {
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { CoordinatorConfig, isLoopback } from '../coordinator.config.js';

/**
 * Who may use the admin API and the console: with a token set, whoever knows it (as Bearer token, or as the password
 * of Basic authentication, for browsers); without, whoever asks for a loopback address. Other web pages may not.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly config: CoordinatorConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { headers } = http.getRequest<Request>();
    const { origin, host = '' } = headers;
    if (origin !== undefined && hostOf(origin) !== host)
      throw new ForbiddenException('asked by another web page');
    if (this.config.COORDINATOR_TOKEN === '') {
      if (!isLoopback(host.replace(/:\d+$/, '')))
        throw new ForbiddenException('not asked for a loopback address');
      return true;
    }
    if (isEqual(secretOf(headers.authorization ?? ''), this.config.COORDINATOR_TOKEN)) return true;
    http.getResponse<Response>().setHeader('WWW-Authenticate', 'Basic realm="Rollcall"');
    throw new UnauthorizedException('COORDINATOR_TOKEN is needed, as Bearer token or password');
  }
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function secretOf(authorization: string): string {
  const [scheme = '', credentials = ''] = authorization.split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function isEqual(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
