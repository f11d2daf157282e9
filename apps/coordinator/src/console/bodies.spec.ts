import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { BadRequestException, ValidationPipe, type Type } from '@nestjs/common';
import { ENTITY_TYPES } from '#contracts';
import { RunRequest, SettingsRequest } from './bodies.js';

const pipe = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });
const settings = (body: object): Promise<SettingsRequest> =>
  pipe.transform(body, { type: 'body', metatype: SettingsRequest }) as Promise<SettingsRequest>;

async function refusalOf(body: object, metatype: Type<object> = SettingsRequest): Promise<string> {
  const error: unknown = await pipe.transform(body, { type: 'body', metatype }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BadRequestException)) return 'taken';
  return JSON.stringify(error.getResponse());
}

describe("a district's allow-list", () => {
  it.each([
    [{}],
    [{ types: ['orgs', 'users'] }],
    [{ attributes: { users: ['givenName', 'metadata.gg4l.primaryGrade', 'extensions.roles'], orgs: [] } }],
  ])('%j is taken as it is', async (allow) => {
    const taken = await settings({ allow, hour: 3 });
    expect(JSON.parse(JSON.stringify(taken))).toEqual({ allow, hour: 3 });
  });

  it.each([
    ['no type at all', { types: [] }, 'types should not be empty'],
    ['a type that does not exist', { types: ['teachers'] }, 'must be one of'],
    ['a type twice', { types: ['orgs', 'orgs'] }, 'unique'],
    [
      'attributes of a type that does not exist',
      { attributes: { teachers: [] } },
      'does not exist: teachers',
    ],
    ['a misspelt attribute', { attributes: { users: ['givenname'] } }, 'a name that is none: givenname'],
    ['an attribute of another type', { attributes: { users: ['title'] } }, 'a name that is none: title'],
    ['a name that is no text', { attributes: { users: [7] } }, 'a name that is none: number'],
    ['names that are no list', { attributes: { users: 'role' } }, 'is no list'],
    ['attributes that are no object', { attributes: ['role'] }, 'must be an object'],
    ['anything else', { fields: [] }, 'should not exist'],
  ])('with %s is refused', async (_name, allow, why) => {
    expect(await refusalOf({ allow })).toContain(why);
  });
});

describe('a property that may be left out', () => {
  const RATIOS = ['staleRatio', 'updatedRatio', 'quarantinedRatio'];
  const LIMITS = [...RATIOS, 'staleFloor', 'updatedFloor', 'quarantinedFloor', 'unreadableFrom'];
  const until = '2026-07-01T00:00:00Z';

  it.each(['limits', 'typeLimits', 'rollover', 'allow', 'hour', 'blackouts', 'lateAfterHours', 'version'])(
    'is refused as null: %s of the settings',
    async (name) => {
      expect(await refusalOf({ [name]: null })).toContain(`"${name} must be`);
    },
  );

  it.each(LIMITS)('is refused as null: %s of limits, of a type and of a rollover window', async (name) => {
    const limits = { [name]: null };
    expect(await refusalOf({ limits })).toContain(`"limits.${name} `);
    expect(await refusalOf({ typeLimits: { users: limits } })).toContain(`"typeLimits.users.${name} `);
    expect(await refusalOf({ rollover: { until, limits } })).toContain(`"rollover.limits.${name} `);
  });

  it.each(ENTITY_TYPES)('is refused as null: the limits of %s', async (type) => {
    expect(await refusalOf({ typeLimits: { [type]: null } })).toContain(`"typeLimits.${type} must be`);
  });

  it.each(['types', 'attributes'])('is refused as null: %s of an allow-list', async (name) => {
    expect(await refusalOf({ allow: { [name]: null } })).toContain(`"allow.${name} must be`);
  });

  it.each(['dryRun', 'retries'])('is refused as null: %s of a run that is asked for', async (name) => {
    expect(await refusalOf({ [name]: null }, RunRequest)).toContain(`"${name} must be`);
  });

  it('is taken where it is left out', async () => {
    const bodies = [
      {},
      { limits: {}, typeLimits: { users: {} }, allow: {} },
      { rollover: { until, limits: {} } },
    ];
    for (const body of bodies) expect(await refusalOf(body)).toBe('taken');
    expect(await refusalOf({}, RunRequest)).toBe('taken');
  });

  it('is refused where one of its list is null', async () => {
    expect(await refusalOf({ blackouts: [null] })).toContain('each value in blackouts must be an object');
  });

  it.each(RATIOS)('is a fraction where it is a ratio: %s above 1 is refused', async (name) => {
    const why = `limits.${name} is a fraction, at most 1: 0.1 is ten percent`;
    expect(await refusalOf({ limits: { [name]: 10 } })).toContain(why);
    expect(await refusalOf({ typeLimits: { users: { [name]: 1.01 } } })).toContain('is a fraction');
    expect(await refusalOf({ rollover: { until, limits: { [name]: 60 } } })).toContain(`rollover.${why}`);
    expect(await refusalOf({ limits: { [name]: 1 } })).toBe('taken');
  });
});
