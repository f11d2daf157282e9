const HOST =
  /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$|^\[[0-9a-f:.]+\]$/;

/** A host name, an address, or `*.` and a name: everything below it. */
export function isHostPattern(text: string): boolean {
  return HOST.test(text.toLowerCase());
}

/** Whether a URL's host is on the list; an empty list has every host. */
export function isAllowedHost(hostname: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  const host = plain(hostname);
  return patterns.some((pattern) => {
    const wanted = plain(pattern);
    return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
  });
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
