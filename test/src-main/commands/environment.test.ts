import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import { defaultDataDir } from '../../../src-main/data-folder/place.ts';

function asked(words: readonly string[], env: NodeJS.ProcessEnv) {
  const read = readCommandLine(words, 'refuse', env);
  if (read.kind !== 'run') throw new Error('help was shown');
  return read.asked.said;
}

describe('the environment', () => {
  it('says what no word says, in the form of the option', () => {
    const env = { BUTTERFLY_DATA_DIR: '/srv/b', BUTTERFLY_PORT: '8123', BUTTERFLY_NO_OPEN: '1' };
    expect(asked([], env)).toMatchObject({ dataDir: '/srv/b', port: 8123, noOpen: true, headless: false });
  });

  it('gives way to the command line', () => {
    expect(asked(['--data-dir', '/a'], { BUTTERFLY_DATA_DIR: '/b' })).toMatchObject({ dataDir: '/a' });
    expect(asked(['--headless'], { BUTTERFLY_PORT: '8123' })).toMatchObject({ headless: true, port: null });
    expect(asked(['model', '--import', '/m'], { BUTTERFLY_DATA_DIR: '/b' })).toMatchObject({ dataDir: null });
  });

  it('counts as not set where it is empty or 0', () => {
    expect(asked([], { BUTTERFLY_DATA_DIR: '', BUTTERFLY_HEADLESS: '0' })).toMatchObject({
      dataDir: null,
      headless: false,
    });
  });

  it.each([
    ['BUTTERFLY_PORT', '99999'],
    ['BUTTERFLY_HEADLESS', 'yes'],
  ])('is refused by its name where it means nothing: %s', (name, value) => {
    expect(() => asked([], { [name]: value })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', params: expect.objectContaining({ option: name }) }),
    );
  });

  it('names the folder of commands that have no such option, too', () => {
    expect(defaultDataDir({ BUTTERFLY_DATA_DIR: '/srv/b', HOME: '/home/you' }, 'linux')).toBe('/srv/b');
    expect(defaultDataDir({ BUTTERFLY_DATA_DIR: '~/b', HOME: '/home/you' }, 'linux')).toBe('/home/you/b');
  });
});
