/*
 * What has been released is relied on. The only change a schema of a released version may see is a further optional
 * property, and words that explain; anything else would break somebody, and goes side by side as a new version.
 */
type Json = Readonly<Record<string, unknown>>;

/** Keywords that explain and bind nobody. */
const WORDS = new Set(['$schema', '$id', 'title', 'description', 'examples', '$comment']);

/** Each change from the released schema to the new one that a reader of the released one may stumble over. */
export function breakingChanges(released: unknown, now: unknown, at = ''): readonly string[] {
  if (!isObject(released) || !isObject(now))
    return same(released, now) ? [] : [`${at || '/'} is another value`];
  const keywords = new Set(
    [...Object.keys(released), ...Object.keys(now)].filter((name) => !WORDS.has(name)),
  );
  return [...keywords].flatMap((keyword) => {
    const place = `${at}/${keyword}`;
    if (keyword === 'properties') return changedProperties(released, now, place);
    if (!(keyword in now)) return [`${place} is gone`];
    if (!(keyword in released)) return [`${place} is new`];
    return isSchemaPlace(keyword)
      ? nested(released[keyword], now[keyword], place)
      : same(released[keyword], now[keyword])
        ? []
        : [`${place} is another value`];
  });
}

function changedProperties(released: Json, now: Json, at: string): readonly string[] {
  const [before, after] = [released['properties'], now['properties']].map((one) =>
    isObject(one) ? one : {},
  );
  return Object.entries(before ?? {}).flatMap(([name, schema]) => {
    const place = `${at}/${name}`;
    const found = after?.[name];
    return found === undefined ? [`${place} is gone`] : breakingChanges(schema, found, place);
  });
}

/** Lists of schemas, and schemas. */
function nested(released: unknown, now: unknown, at: string): readonly string[] {
  if (!Array.isArray(released) || !Array.isArray(now)) return breakingChanges(released, now, at);
  if (released.length !== now.length) return [`${at} has ${now.length} members, not ${released.length}`];
  return released.flatMap((schema: unknown, n) => breakingChanges(schema, now[n], `${at}/${n}`));
}

const isSchemaPlace = (keyword: string): boolean =>
  ['items', 'anyOf', 'allOf', 'oneOf', 'additionalProperties', 'patternProperties'].includes(keyword);

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
