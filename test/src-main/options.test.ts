import { describe, expect, it } from 'vitest';
import { helpText, parseOptions } from '../../src-main/options.ts';

describe('options of the command line', () => {
  it('are all optional', () => {
    expect(parseOptions([])).toMatchObject({
      port: 0,
      open: true,
      dataDir: null,
      headless: false,
      role: 'miner',
    });
  });

  it('read a whole headless practice', () => {
    const words = '--practice --headless --rounds 20 --json out.json --adversary free-rider'.split(' ');
    expect(parseOptions(words)).toMatchObject({
      practice: true,
      headless: true,
      open: false,
      rounds: 20,
      json: 'out.json',
      adversary: 'free-rider',
    });
  });

  it('take their value behind an equals sign too, which may hold further ones', () => {
    expect(parseOptions(['--data-dir=/a=b', '--port=0'])).toMatchObject({ dataDir: '/a=b', port: 0 });
  });

  it.each(['--porto', 'practice', '-h', '--__proto__', '--toString', '--'])(
    'name the unknown one: %s',
    (word) => {
      expect(() => parseOptions([word])).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
    },
  );

  it.each([
    [['--port', '65536']],
    [['--port', '-1']],
    [['--port', '80x']],
    [['--port', '']],
    [['--port']],
    [['--rounds', '0']],
    [['--rounds', '1.5']],
    [['--role', 'owner']],
    [['--adversary', 'nobody']],
    [['--data-dir', '']],
    [['--headless=yes']],
  ])('refuse a value that does not fit: %j', (words) => {
    expect(() => parseOptions(words)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('stand all in the help text', () => {
    for (const name of ['--port', '--no-open', '--data-dir', '--profile', '--headless']) {
      expect(helpText()).toContain(name);
    }
  });
});
