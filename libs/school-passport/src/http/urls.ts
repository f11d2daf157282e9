import type { OneRosterVersion } from '../discovery/district-source.js';
import { SchoolPassportError } from '../school-passport.errors.js';

const BASE_PATH = ['datahub', 'services', 'ims', 'oneroster', 'v1p1'];
const ONE_ROSTER_VERSION = /^(.*\/ims\/oneroster\/(?:rostering\/)?v\d+p\d+)(?:\/.*)?$/i;
const VERSION_SEGMENT = /\/v1p([12])(?:\/|$)/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}

/**
 * An absolute URL without a slash at its end. Without a scheme it is https, or http for loopback where that is
 * allowed. Plain http is refused but for loopback with `allowHttp`; so are other schemes, user info and fragments.
 * Throws SchoolPassportError `insecure-url`, which names `what` and never the value.
 */
export function toSafeUrl(what: string, text: string, allowHttp: boolean): string {
  const url = parse(what, text.trim(), allowHttp);
  if (url.username !== '' || url.password !== '' || url.hash !== '' || url.search !== '') {
    throw new SchoolPassportError('insecure-url', `${what} must have no user info, query or fragment`);
  }
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && allowHttp && isLoopback(url.hostname));
  if (!isAllowed) {
    throw new SchoolPassportError(
      'insecure-url',
      `${what} must be https (http only for loopback, where allowed)`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** The OneRoster base of a School Passport `apiUrl`, whether that ends in (part of) the base path or not. */
export function toOneRosterBase(apiUrl: string): string {
  const url = new URL(apiUrl);
  const [, versioned] = ONE_ROSTER_VERSION.exec(url.pathname) ?? [];
  if (versioned !== undefined) return `${url.origin}${versioned}`;
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const shared = BASE_PATH.map((_, index) => index + 1).findLast((length) =>
    endsWith(segments, BASE_PATH.slice(0, length)),
  );
  return `${url.origin}/${[...segments, ...BASE_PATH.slice(shared ?? 0)].join('/')}`;
}

/** The version that the base path of the standard names; `undefined` where a server has paths of its own. */
export function versionOf(oneRosterUrl: string): OneRosterVersion | undefined {
  const [, minor] = VERSION_SEGMENT.exec(new URL(oneRosterUrl).pathname) ?? [];
  return minor === undefined ? undefined : minor === '1' ? '1.1' : '1.2';
}

function endsWith(segments: readonly string[], end: readonly string[]): boolean {
  const tail = segments.slice(-end.length);
  return tail.length === end.length && tail.every((segment, index) => segment.toLowerCase() === end[index]);
}

function parse(what: string, text: string, allowHttp: boolean): URL {
  try {
    if (SCHEME.test(text)) return new URL(text);
    const url = new URL(`https://${text}`);
    return allowHttp && isLoopback(url.hostname) ? new URL(`http://${text}`) : url;
  } catch {
    throw new SchoolPassportError('insecure-url', `${what} is no URL`);
  }
}
