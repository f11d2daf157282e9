import { describe, expect, it } from '@jest/globals';
import { OptionsError, readOptions } from './options.js';

describe('the options', () => {
  it('ask for two small districts unless told otherwise', () => {
    expect(readOptions([])).toMatchObject({ port: 0, seed: 1, districts: 2, records: null, csv: null });
  });

  it('serve a large district or a bundle alone, or beside small ones when those are asked for', () => {
    expect(readOptions(['--records', '1000'])).toMatchObject({ districts: 0, records: 1000 });
    expect(readOptions(['--csv', 'x'])).toMatchObject({ districts: 0, csv: 'x' });
    expect(readOptions(['--records', '1000', '--districts', '1'])).toMatchObject({
      districts: 1,
      records: 1000,
    });
  });

  it.each([
    ['--records', '10000001'],
    ['--records', 'many'],
    ['--districts', '0'],
    ['--port'],
    ['--colour', 'red'],
  ])('refuse %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(OptionsError);
  });
});
