/** The seven OneRoster collections, parents before children: the order a snapshot is read and applied in. */
export const ENTITY_TYPES = [
  'orgs',
  'academicSessions',
  'courses',
  'classes',
  'users',
  'demographics',
  'enrollments',
] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

export function isEntityType(value: unknown): value is EntityType {
  return (ENTITY_TYPES as readonly unknown[]).includes(value);
}

/** A district's key (School Passport's `districtGuid`). */
export const DISTRICT_ID_PATTERN = '^[A-Za-z0-9._-]{1,64}$';
