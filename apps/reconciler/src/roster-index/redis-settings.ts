/** What is asked of a client of Redis here. */
export interface SettingsClient {
  configGet(setting: string): Promise<Readonly<Record<string, string>>>;
}

const REQUIRED = { 'maxmemory-policy': 'noeviction', appendonly: 'yes' } as const;

/** The Redis server would lose or evict parts of the index, or does not tell whether it would. */
export class UnfitRedisError extends Error {
  override readonly name = 'UnfitRedisError';
}

/** Throws unless the server keeps what it is given: an evicted id would be published as new. */
export async function requireDurableRedis(client: SettingsClient): Promise<void> {
  for (const [setting, required] of Object.entries(REQUIRED)) {
    const found = (await settingOf(client, setting)) ?? 'unknown';
    if (found !== required) {
      throw new UnfitRedisError(
        `Redis has ${setting} ${found}; the roster index needs ${setting} ${required}.`,
      );
    }
  }
}

async function settingOf(client: SettingsClient, setting: string): Promise<string | undefined> {
  try {
    const found = await client.configGet(setting);
    return found[setting];
  } catch (error) {
    if (!(error instanceof Error) || !/^(NOPERM|ERR unknown command)/.test(error.message)) throw error;
    throw new UnfitRedisError(
      `Redis forbids CONFIG GET, so ${setting} cannot be checked; allow it to the reconciler's Redis user.`,
      { cause: error },
    );
  }
}
