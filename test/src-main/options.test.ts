import { describe, expect, it } from 'vitest';
import { adversaryOf, helpText, parseOptions } from '../../src-main/options.ts';

describe('options of the command line', () => {
  it('are all optional', () => {
    expect(parseOptions([])).toMatchObject({
      port: 0,
      open: true,
      dataDir: null,
      headless: false,
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

  it('test a counted headless practice against a free rider, unless none is wanted', () => {
    const counted = '--practice --headless --rounds 2'.split(' ');
    expect(adversaryOf(parseOptions(counted))).toBe('free-rider');
    expect(adversaryOf(parseOptions([...counted, '--adversary', 'none']))).toBeNull();
    expect(adversaryOf(parseOptions(['--practice']))).toBeNull();
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
