import { describe, expect, it } from '@jest/globals';
import { packedLinks } from './packed-links.js';

const packed = (text: string): string =>
  packedLinks(text, 'docs/contract.md', 'contract/contract.md', [
    ['docs/contract', 'contract'],
    ['docs/contract.md', 'contract/contract.md'],
    ['libs/kit/README.md', 'README.md'],
  ]);

describe('the links of a packed document', () => {
  it.each([
    ['[all](contract/asyncapi.json)', '[all](asyncapi.json)'],
    ['[a](contract/conformance/messages.json)', '[a](conformance/messages.json)'],
    ['[README](../libs/kit/README.md#options)', '[README](../README.md#options)'],
    ['[self](contract.md#fences)', '[self](contract.md#fences)'],
  ])('lead to what is in the package: %s', (before, after) => {
    expect(packed(before)).toBe(after);
  });

  it.each([
    ['([ADR 21](adr/0021.md)).', '(ADR 21).'],
    ['[examples/python](../examples/python/copy.py) is', 'examples/python is'],
    ['[`tables`](tables.md#roles), [`x[0]`](x.md)', '`tables`, `x[0]`'],
    ['[near](contracts.md)', 'near'],
  ])('are words where it is not: %s', (before, after) => {
    expect(packed(before)).toBe(after);
  });

  it.each(['[fences](#fences)', '[web](https://example.org/a.md)', '`a[0](b)` of [c]', 'orgs[0] (x)'])(
    'are as they were within the document, and to the web: %s',
    (text) => {
      expect(packed(text)).toBe(text);
    },
  );
});
