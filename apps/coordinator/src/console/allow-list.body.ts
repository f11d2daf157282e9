import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  Validate,
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ENTITY_TYPES, type EntityType, type PerType } from '#contracts';
import { isAllowedName } from '#oneroster';
import { IfGiven } from './if-given.js';

const MAX_NAMES = 500;
const MAX_NAME_LENGTH = 200;

/** Refuses names that could only be misspelt: they would leave out what they were to allow. */
@ValidatorConstraint({ name: 'isAttributesByType' })
export class AttributesByType implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return faultOf(value) === null;
  }

  defaultMessage({ value }: ValidationArguments): string {
    return `allow.attributes ${faultOf(value) ?? ''}`;
  }
}

function faultOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'is no object';
  for (const [type, names] of Object.entries(value)) {
    if (!isEntityType(type)) return `names a type that does not exist: ${type.slice(0, MAX_NAME_LENGTH)}`;
    if (!Array.isArray(names) || names.length > MAX_NAMES) {
      return `of ${type} is no list of at most ${MAX_NAMES} names`;
    }
    const wrong = (names as unknown[]).find((name) => !isNameOf(type, name));
    if (wrong !== undefined) {
      const name = typeof wrong === 'string' ? wrong.slice(0, MAX_NAME_LENGTH) : typeof wrong;
      return `of ${type} has a name that is none: ${name}`;
    }
  }
  return null;
}

function isEntityType(type: string): type is EntityType {
  return (ENTITY_TYPES as readonly string[]).includes(type);
}

function isNameOf(type: EntityType, name: unknown): boolean {
  return typeof name === 'string' && name.length <= MAX_NAME_LENGTH && isAllowedName(type, name);
}

/** What of a district is read and published; what is left out allows everything. */
export class AllowListRequest {
  @ApiPropertyOptional({ enum: ENTITY_TYPES, isArray: true, description: 'no other type is read' })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ENTITY_TYPES, { each: true })
  types?: EntityType[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    description: 'per type, its attributes; metadata, metadata.<key>, extensions, extensions.<name>',
    example: { users: ['givenName', 'familyName', 'role', 'orgs', 'metadata.gg4l.primaryGrade'] },
  })
  @IfGiven()
  @IsObject()
  @Validate(AttributesByType)
  attributes?: PerType<readonly string[]>;
}
