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
    ['identifier', "D-ggl'abcdefg"],
    ['familyName', 7],
    ['familyName', null],
  ])('%s %j is none', (attribute, value) => {
    expect(read({ [attribute]: value }).masked).toBe(false);
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
