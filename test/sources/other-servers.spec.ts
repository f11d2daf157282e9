/* Every way a server may want to be asked, against the sandbox, which checks each for itself. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SourceGround } from './source-ground.js';
import { withoutVersion12 } from './without-version-1-2.js';

const ground = new SourceGround();
beforeAll(() => ground.start());
afterEach(() => ground.serveAs({}));
afterAll(() => ground.end());

const CORE = 'https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly';
const DEMOGRAPHICS = 'https://purl.imsglobal.org/spec/or/v1p1/scope/roster-demographics.readonly';

describe('a OneRoster 1.1 server that wants', () => {
  it.each([
    ['the pair in Basic, as School Passport', {}],
    ['the pair in the body', { auth: 'body' }],
    ['scopes', { auth: 'scopes' }],
    ['a static bearer token', { auth: 'bearer' }],
    ['OAuth 1.0a', { auth: 'oauth1' }],
  ])('%s is read to the last record', async (_name, service) => {
    const entry = await ground.serveAs(service);
    expect(await ground.read(entry)).toEqual(await ground.truth());
  });

  it('OAuth 1.0a with HMAC-SHA1 is read, and with a wrong secret is not', async () => {
    const entry = { ...(await ground.serveAs({ auth: 'oauth1' })), signature: 'HMAC-SHA1' };
    expect((await ground.read(entry)).users).toEqual((await ground.truth()).users);
    await expect(ground.read({ ...entry, clientSecret: 'x' })).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('fewer scopes than asked for is read with those', async () => {
    const entry = await ground.serveAs({ auth: 'scopes' });
    const unknown = 'https://example.org/everything';
    expect(await ground.read({ ...entry, scopes: [CORE, DEMOGRAPHICS, unknown] })).toEqual(
      await ground.truth(),
    );
    expect((await ground.read({ ...entry, scopes: [CORE, unknown] })).demographics).toBe('not granted');
    await expect(ground.read({ ...entry, scopes: [] })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it.each(['body', 'scopes', 'bearer', 'oauth1'])('%s refuses a pair that was rotated away', async (auth) => {
    const entry = await ground.serveAs({ auth });
    await ground.control('POST', `districts/${String(entry.districtId)}/credentials/rotate`);
    await expect(ground.read(entry)).rejects.toMatchObject({ code: 'unauthorized' });
    expect((await ground.read(await ground.entry())).orgs).toEqual((await ground.truth()).orgs);
  });

  it('no more than a small page gets no larger one asked', async () => {
    const entry = await ground.serveAs({ auth: 'bearer' });
    expect(await ground.read({ ...entry, pageLimit: 7 })).toEqual(await ground.truth());
  });
});

describe('a OneRoster 1.2 server', () => {
  it.each(['school-passport', 'scopes', 'oauth1'])(
    'is read with roles as role and orgs (%s)',
    async (auth) => {
      const entry = await ground.serveAs({ version: '1.2', auth });
      expect(entry).toMatchObject({ version: '1.2' });
      const [read, truth] = [await ground.read(entry), await ground.truth()];
      expect(withoutVersion12(read)).toEqual(truth);
    },
  );

  it('shows preferred names, profiles and the primary org, and no password of them is kept', async () => {
    const { users } = await ground.read(await ground.serveAs({ version: '1.2' }));
    const text = JSON.stringify(users);
    for (const name of [
      'preferredFirstName',
      'pronouns',
      'userMasterIdentifier',
      'primaryOrg',
      'userProfiles',
    ])
      expect(text).toContain(`"${name}":`);
    expect(text).not.toMatch(/hush|password/);
  });

  it('is not at the base path of 1.1', async () => {
    const entry = await ground.serveAs({ version: '1.2', auth: 'bearer' });
    const oneRosterUrl = String(entry.oneRosterUrl).replace('/rostering/v1p2', '/v1p1');
    await expect(ground.read({ ...entry, oneRosterUrl, version: '1.1' })).rejects.toMatchObject({
      code: 'status',
    });
  });
});
