import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { BadRequestException, ValidationPipe } from '@nestjs/common';
import { SettingsRequest } from './bodies.js';

const pipe = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });
const settings = (body: object): Promise<SettingsRequest> =>
  pipe.transform(body, { type: 'body', metatype: SettingsRequest }) as Promise<SettingsRequest>;

async function refusalOf(body: object): Promise<string> {
  const error: unknown = await settings(body).then(
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
