const STATES = [
  ['CA', 'Fresno'],
  ['TX', 'Austin'],
  ['OH', 'Dayton'],
  ['NY', 'Albany'],
  ['WA', 'Tacoma'],
] as const;

/** A person's demographics from one drawn number. */
export function demographicsOf(drawn: number): Readonly<Record<string, unknown>> {
  const [state, city] = STATES[drawn % STATES.length] ?? STATES[0];
  const origin = (drawn >>> 4) % 5;
  const day = 1 + ((drawn >>> 8) % 28);
  const month = 1 + ((drawn >>> 13) % 12);
  return {
    birthDate: `${2009 + ((drawn >>> 17) % 12)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
    sex: (drawn & 1) === 0 ? 'female' : 'male',
    americanIndianOrAlaskaNative: origin === 0,
    asian: origin === 1,
    blackOrAfricanAmerican: origin === 2,
    nativeHawaiianOrOtherPacificIslander: false,
    white: origin >= 3,
    demographicRaceTwoOrMoreRaces: false,
    hispanicOrLatinoEthnicity: (drawn >>> 21) % 4 === 0,
    ...((drawn >>> 23) % 3 === 0
      ? {}
      : { countryOfBirthCode: 'US', stateOfBirthAbbreviation: state, cityOfBirth: city }),
  };
}
