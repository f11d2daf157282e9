import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { TYPE_DESCRIPTIONS } from './attribute-descriptions.js';
import { attributesOf } from './canonical-attributes.js';

describe('descriptions of attributes', () => {
  it.each(ENTITY_TYPES)('are there for each attribute of %s, and for no other', (type) => {
    const names = attributesOf(type).map(({ name }) => name);
    expect(Object.keys(TYPE_DESCRIPTIONS[type].attributes).sort()).toEqual([...names].sort());
    expect(attributesOf(type).filter(({ description }) => description === '')).toEqual([]);
  });
});
