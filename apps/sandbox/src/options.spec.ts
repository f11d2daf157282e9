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

  it('serve all districts as another server when a version or a way to be asked is given', () => {
    expect(readOptions([])).not.toHaveProperty('service');
    expect(readOptions(['--version', '1.2'])).toMatchObject({
      service: { version: '1.2', auth: 'school-passport' },
    });
    expect(readOptions(['--auth', 'oauth1'])).toMatchObject({ service: { version: '1.1', auth: 'oauth1' } });
  });

  it.each([
    ['--records', '10000001'],
    ['--records', 'many'],
    ['--districts', '0'],
    ['--port'],
    ['--colour', 'red'],
    ['--version', '2.0'],
    ['--auth', 'none'],
  ])('refuse %s %s', (...args) => {
    expect(() => readOptions(args)).toThrow(OptionsError);
  });
});
