/** Names to draw from; some with letters beyond ASCII, an apostrophe or a space, as real ones have. */
export const GIVEN_NAMES = (
  'Ada,Aiden,Amara,Andre,Anja,Ava,Beatriz,Ben,Bryce,Camila,Carlos,Chloé,Daniel,Dariela,Devon,Elena,Eli,Emeka,' +
  'Esther,Farah,Felix,Gabriela,Grace,Hana,Hassan,Hugo,Imani,Isaac,Isla,Jamal,Jana,Jasper,José,Julia,Kai,Keisha,' +
  'Kofi,Lana,Leo,Lucía,Malik,Mara,Mateo,Mei,Mila,Nadia,Naveen,Nia,Noah,Olivia,Omar,Owen,Priya,Quinn,Rafael,Rosa,' +
  'Ruth,Samir,Sofia,Theo,Uma,Viktor,Wren,Zoë'
).split(',');

export const FAMILY_NAMES = (
  "Abbott,Acosta,Adeyemi,Baker,Banerjee,Becker,Bishop,Brooks,Carter,Castillo,Chen,Cohen,Cruz,D'Angelo,Davis,Diaz," +
  'Dixon,Edwards,Eriksen,Evans,Farrell,Fischer,Flores,Garcia,Gibson,Grant,Gupta,Hall,Hansen,Haddad,Hughes,Ito,' +
  "Jackson,Jensen,Johnson,Kaur,Kim,Kowalski,Larsen,Lee,Lopez,Martin,Mbeki,Mendoza,Müller,Nguyen,Novak,O'Brien," +
  'Okafor,Ortiz,Park,Patel,Pérez,Reyes,Rossi,Santos,Schmidt,Silva,Singh,Torres,Van Dyke,Walker,Wong,Young'
).split(',');

export const SUBJECTS = [
  ['Mathematics', 'MAT'],
  ['English Language Arts', 'ELA'],
  ['Science', 'SCI'],
  ['Social Studies', 'SOC'],
  ['Art', 'ART'],
  ['Music', 'MUS'],
  ['Physical Education', 'PED'],
  ['Computer Science', 'CSC'],
  ['Spanish', 'SPA'],
] as const;

export const SCHOOL_NAMES = (
  'Lincoln,Roosevelt,Cedar Ridge,Riverside,Oak Hill,Maple Grove,Jefferson,Lakeview,Sunset,Northgate,Franklin,' +
  'Prairie View,Harbor,Washington,Eastbrook,Pine Street'
).split(',');

export const DISTRICT_NAMES = (
  'Maple Valley School District,Harbor County Schools,Cedar Falls Unified,Stone Creek Public Schools,' +
  'Lakeshore Consolidated,Prairie Union School District,Blue Mesa Unified,North Fork Schools'
).split(',');

/** An element of a list by any number. */
export function pick<T>(list: readonly [T, ...T[]] | readonly T[], number: number): T {
  const element = list[number % list.length];
  if (element === undefined) throw new Error('nothing to pick from');
  return element;
}
