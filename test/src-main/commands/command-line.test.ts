import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import { adversaryOf, type PracticeOptions } from '../../../src-main/commands/practice.ts';
import { commands } from '../../../src-main/commands/table.ts';

const words = (line: string): string[] => (line === '' ? [] : line.split(' '));

function asked(line: string) {
  const read = readCommandLine(words(line));
  if (read.kind !== 'run') throw new Error('help was shown');
  return read.asked;
}

function helpOf(line: string): string {
  const read = readCommandLine(words(line));
  return read.kind === 'help' ? read.text : 'no help';
}

const refusal = (line: string, foreign: 'refuse' | 'pass' = 'refuse'): unknown => {
  try {
    return readCommandLine(words(line), foreign);
  } catch (thrown) {
    const { code, params } = thrown as { code: string; params: unknown };
    return { code, params };
  }
};

describe('the command line', () => {
  it('without words serves the page with nothing said', () => {
    expect(asked('')).toEqual({
      name: 'serve',
      said: { port: null, noOpen: false, headless: false, metricsPort: null, dataDir: null, profile: null },
    });
  });

  it('opens a run’s file that stands there alone, as a desktop calls the app', () => {
    const file = { name: 'open', said: { file: '/a/friend.butterfly-run', dataDir: null } };
    expect(asked('/a/friend.butterfly-run')).toMatchObject(file);
    expect(asked('open /a/friend.butterfly-run')).toMatchObject(file);
    expect(asked('open /a/friend.json')).toMatchObject({ said: { file: '/a/friend.json' } });
    // By its address, and behind what a launcher says to Chromium.
    expect(asked('file:///a/my%20friend.butterfly-run')).toMatchObject({
      said: { file: '/a/my friend.butterfly-run' },
    });
    expect(readCommandLine(['--no-sandbox', '/a/friend.butterfly-run'], 'pass')).toMatchObject({
      asked: file,
      foreign: ['--no-sandbox'],
    });
    for (const url of ['file://elsewhere/a.butterfly-run', 'file:///a%2Fb.butterfly-run'])
      expect(refusal(url)).toMatchObject({ code: 'WORD_INVALID' });
    expect(refusal('open')).toMatchObject({ code: 'OPTION_MISSING' });
    expect(refusal('open /a/b.json --headless')).toMatchObject({ code: 'OPTIONS_EXCLUDE' });
  });

  it('names its command first, the options behind it', () => {
    expect(asked('practice --headless --rounds 20 --json /out.json')).toMatchObject({
      name: 'practice',
      said: { headless: true, rounds: 20, json: '/out.json', adversary: null },
    });
  });

  it.each([
    '--practice --headless --rounds 20 --json /r.json --adversary free-rider',
    '--headless --rounds 20 --practice --adversary free-rider --json=/r.json',
    'serve --practice --headless --rounds 20 --json /r.json --adversary free-rider',
    'practice --practice --headless --rounds 20 --json /r.json --adversary free-rider',
  ])('keeps the old switch for practice: %s', (line) => {
    expect(asked(line)).toMatchObject({
      name: 'practice',
      said: { headless: true, rounds: 20, json: '/r.json', adversary: 'free-rider' },
    });
  });

  it('takes a value behind an equals sign too, which may hold further ones', () => {
    expect(asked('--data-dir=/a=b --port=0')).toMatchObject({ said: { dataDir: '/a=b', port: 0 } });
  });

  it('takes words behind a command that has some, in their order', () => {
    const nothing = { json: false, dataDir: null };
    expect(asked('engine add tensorflow')).toEqual({
      name: 'engine',
      said: { ...nothing, action: 'add', engine: 'tensorflow' },
    });
    expect(asked('engine --data-dir /d list --json')).toEqual({
      name: 'engine',
      said: { action: 'list', engine: null, json: true, dataDir: '/d' },
    });
    expect(refusal('engine')).toMatchObject({
      code: 'OPTION_MISSING',
      params: { option: 'list|add|remove' },
    });
    expect(refusal('engine tensorflow')).toMatchObject({
      code: 'WORD_INVALID',
      params: { word: 'tensorflow', expected: 'list or add or remove' },
    });
    expect(refusal('engine add tensorflow more')).toMatchObject({ code: 'WORD_UNEXPECTED' });
    expect(helpOf('engine --help')).toContain('engine list|add|remove tensorflow [options]');
  });

  it('knows how a wallet comes in, one way at a time', () => {
    const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
    expect(asked('wallet --import /stick/old --name mine')).toMatchObject({
      said: { import: '/stick/old', name: 'mine', watch: null },
    });
    expect(asked(`wallet --watch ${alice}`)).toMatchObject({ said: { watch: alice, name: null } });
    expect(refusal('wallet --name mine')).toEqual({
      code: 'OPTION_NEEDS',
      params: { option: '--name', needed: '--import or --watch' },
    });
    for (const both of ['--create a --import /b', `--watch ${alice} --restore a`, '--json --import /b'])
      expect(refusal(`wallet ${both}`)).toMatchObject({ code: 'OPTIONS_EXCLUDE' });
    for (const wrong of [alice.replace(/Y$/, 'Z'), '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5'])
      expect(refusal(`wallet --watch ${wrong}`)).toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('counts what is said twice as said last', () => {
    expect(asked('--port 1 --port 2')).toMatchObject({ said: { port: 2 } });
  });

  it.each([
    ['sevre', { code: 'COMMAND_MISTYPED', params: { word: 'sevre', suggestion: 'serve' } }],
    ['Practice', { code: 'COMMAND_MISTYPED', params: { word: 'Practice', suggestion: 'practice' } }],
    ['--prot 5', { code: 'OPTION_MISTYPED', params: { option: '--prot', suggestion: '--port' } }],
    ['--no-opne', { code: 'OPTION_MISTYPED', params: { option: '--no-opne', suggestion: '--no-open' } }],
    ['--datadir x', { code: 'OPTION_MISTYPED', params: { option: '--datadir', suggestion: '--data-dir' } }],
    ['-port 5', { code: 'OPTION_MISTYPED', params: { option: '-port', suggestion: '--port' } }],
    ['--no-open practice', { code: 'COMMAND_NOT_FIRST', params: { word: 'practice' } }],
    ['serve now', { code: 'WORD_UNEXPECTED', params: { word: 'now', command: 'serve' } }],
    [
      '--rounds 5',
      { code: 'OPTION_ELSEWHERE', params: { option: '--rounds', command: 'serve', owner: 'practice' } },
    ],
    ['--', { code: 'OPTION_UNKNOWN', params: { option: '--', command: 'serve' } }],
  ])('says what was probably meant: %s', (line, expected) => {
    expect(refusal(line)).toEqual(expected);
  });

  it.each(['xyzzy', 'constructor', '__proto__'])('knows no command %s', (word) => {
    expect(refusal(word)).toMatchObject({ code: 'COMMAND_UNKNOWN', params: { word } });
  });

  it.each(['--__proto__', '--toString', '--constructor=1'])('knows no option %s', (word) => {
    expect(refusal(word)).toMatchObject({ code: 'OPTION_UNKNOWN' });
  });

  it.each([
    '--port 65536',
    '--port -1',
    '--port 80x',
    '--port=',
    '--port',
    '--port --no-open',
    '--data-dir=',
    '--headless=yes',
    'practice --headless --rounds 0',
    'practice --headless --rounds 1.5',
    'practice --adversary nobody',
  ])('refuses a value that does not fit, and says what would: %s', (line) => {
    expect(refusal(line)).toMatchObject({ code: 'OPTION_INVALID', params: { expected: expect.any(String) } });
  });

  it.each([
    ['practice --rounds 5', { code: 'OPTION_NEEDS', params: { option: '--rounds', needed: '--headless' } }],
    [
      'practice --headless --json /r',
      { code: 'OPTION_NEEDS', params: { option: '--json', needed: '--rounds' } },
    ],
    ['--headless --port 5', { code: 'OPTIONS_EXCLUDE', params: { option: '--port', other: '--headless' } }],
  ])('ignores nothing that could have no effect: %s', (line, expected) => {
    expect(refusal(line)).toEqual(expected);
  });
});

describe('help', () => {
  it('lists every command with its line', () => {
    for (const { name, summary } of Object.values(commands)) {
      expect(helpOf('--help')).toContain(summary);
      expect(helpOf('-h')).toContain(`  ${name} `);
    }
  });

  it('lists every option of one command, wherever the switch stands', () => {
    for (const { name, options } of Object.values(commands)) {
      const help = helpOf(`${name} --no-open --help`);
      for (const option of Object.values(options)) {
        expect(help).toContain(option.name);
        expect(help).toContain(option.help);
      }
    }
  });

  it('of the chain for others says how clients reach it, in lines that fit a terminal', () => {
    const help = helpOf('devnet --help');
    expect(help).toContain('ws://127.0.0.1:9944');
    expect(help).toContain('devnet_fund');
    expect(help).toContain('devnet_upgrade');
    const page = help.slice(help.indexOf('What it is')).split('\n');
    expect(page.filter((line) => line.length > 110)).toEqual([]);
  });

  it('of a command that is not there is a refusal', () => {
    expect(refusal('practise --help')).toMatchObject({ code: 'COMMAND_MISTYPED' });
  });
});

describe('words for Chromium', () => {
  const chromium = [
    '--ozone-platform=x11',
    '--no-sandbox',
    '--remote-debugging-port=0',
    '--inspect=0',
    '--disable-gpu',
    '--user-data-dir=/tmp/x',
    '--js-flags=--max-old-space-size=99',
    '-psn_0_12345',
  ];

  it('go through where Chromium reads them, and the rest is read', () => {
    const read = readCommandLine(['practice', ...chromium, '--data-dir', '/d'], 'pass');
    expect(read).toMatchObject({
      asked: { name: 'practice', said: { dataDir: '/d' } },
      foreign: chromium,
    });
  });

  it.each(chromium)('are refused where nobody reads them: %s', (word) => {
    expect(refusal(word)).toMatchObject({ code: expect.stringMatching(/^OPTION_/) });
  });

  it('do not let a mistyped one of ours through', () => {
    expect(refusal('--prot 5', 'pass')).toMatchObject({ code: 'OPTION_MISTYPED' });
    expect(refusal('--rounds 5', 'pass')).toMatchObject({ code: 'OPTION_ELSEWHERE' });
  });
});

describe('the dishonest companion', () => {
  const practice = (line: string) => adversaryOf(asked(`practice ${line}`).said as PracticeOptions);

  it('tests a counted practice, unless none is wanted, and is absent otherwise', () => {
    expect(practice('--headless --rounds 2')).toBe('free-rider');
    expect(practice('--headless --rounds 2 --adversary none')).toBeNull();
    expect(practice('--adversary free-rider')).toBe('free-rider');
    expect(practice('--headless')).toBeNull();
  });
});
