import { MODIFIED_AT } from './people.js';
import type { PlainRecord } from './plain-record.js';

const STATES = [
  ['CA', 'Fresno'],
  ['TX', 'Austin'],
  ['OH', 'Dayton'],
  ['NY', 'Albany'],
  ['WA', 'Tacoma'],
] as const;

/** A person's demographics from one drawn number. */
export function demographicsOf(sourcedId: string, drawn: number): PlainRecord {
  const [state, city] = STATES[drawn % STATES.length] ?? STATES[0];
  const origin = (drawn >>> 4) % 5;
  const isBirthPlaceKnown = (drawn >>> 23) % 3 !== 0;
  return {
    sourcedId,
    status: 'active',
    dateLastModified: MODIFIED_AT,
    birthDate: `${2009 + ((drawn >>> 17) % 12)}-${10 + ((drawn >>> 13) % 3)}-${10 + ((drawn >>> 8) % 19)}`,
    sex: (drawn & 1) === 0 ? 'female' : 'male',
    americanIndianOrAlaskaNative: origin === 0,
    asian: origin === 1,
    blackOrAfricanAmerican: origin === 2,
    nativeHawaiianOrOtherPacificIslander: false,
    white: origin >= 3,
    demographicRaceTwoOrMoreRaces: false,
    hispanicOrLatinoEthnicity: (drawn >>> 21) % 4 === 0,
    countryOfBirthCode: isBirthPlaceKnown ? 'US' : undefined,
    stateOfBirthAbbreviation: isBirthPlaceKnown ? state : undefined,
    cityOfBirth: isBirthPlaceKnown ? city : undefined,
  };
}
