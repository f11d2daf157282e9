import { describe, expect, it } from '@jest/globals';
import { readRecord } from './index.js';

function read(attributes: object) {
  const reading = readRecord('users', { sourcedId: 'a', ...attributes });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  return reading;
}

describe('a value masked by Privacy Shield', () => {
  it.each([
    ['familyName', "D-ggl'abcdefg"],
    ['givenName', "J-ggf'xyz"],
    ['middleName', "M-ggm'q"],
    ['username', "D-ggu'abc"],
    ['givenName', 'J-ggf\u2019xyz'],
    ['familyName', "Å-ggl'abc"],
    ['familyName', 'R***'],
    ['email', 'k3j4h5@gg4l.io'],
    ['email', 'K3J4H5@GG4L.COM'],
    ['username', 'k3j4h5@gg4l.io'],
    ['phone', '555-***-****'],
    ['sms', 'xxx-xxx-1234'],
    ['phone', '000-000-0000'],
    ['sms', '+9 (999) 999 99 99'],
  ])('%s %j is recognised', (attribute, value) => {
    expect(read({ [attribute]: value }).masked).toBe(true);
  });

  it.each([
    ['familyName', 'Daggl'],
    ['familyName', "O'Neil-ggl"],
    ['givenName', '*'],
    ['middleName', ''],
    ['email', 'ada@school.org'],
    ['email', 'ada@gg4l.io.example.org'],
    ['email', 'ada@notgg4l.io'],
    ['phone', '+1 555 000 0000'],
    ['phone', '555-55'],
    ['phone', '871-204-5593'],
    ['identifier', "D-ggl'abcdefg"],
    ['familyName', 7],
    ['familyName', null],
  ])('%s %j is none', (attribute, value) => {
    expect(read({ [attribute]: value }).masked).toBe(false);
  });

  it.each([
    ['birthDate', '2011-01-01', true],
    ['birthDate', '2011-09-01T00:00:00.000Z', true],
    ['birthdate', '2011-01-01', true],
    ['birthDate', '2011-01-10', false],
    ['birthDate', '2011-10-01', false],
    ['birthDate', '2011-02-01', false],
    ['birthDate', '', false],
    ['birthDate', null, false],
  ])('a day and month of birth that stand for masked ones: %s %j (%p)', (attribute, value, expected) => {
    const reading = readRecord('demographics', { sourcedId: 'a', [attribute]: value });
    expect(reading).toMatchObject({ kind: 'record', masked: expected });
  });

  it('is warned of where the standard requires a value, and goes through as it is', () => {
    const reading = read({ familyName: "D-ggl'abcdefg", email: 'x@gg4l.io' });
    expect(reading.warnings.filter(({ reason }) => reason === 'masked')).toEqual([
      { attribute: 'familyName', reason: 'masked' },
    ]);
    expect(JSON.parse(reading.canonical.toString())).toEqual({
      sourcedId: 'a',
      ...{ familyName: "D-ggl'abcdefg", email: 'x@gg4l.io' },
    });
  });
});
