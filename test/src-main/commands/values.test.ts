import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { path, tao } from '../../../src-main/commands/values.ts';

describe('an amount in TAO', () => {
  it.each([
    ['1.5', 1_500_000_000n],
    ['0.000000001', 1n],
    ['0', 0n],
    ['0.1', 100_000_000n],
    ['18446744073.709551615', 2n ** 64n - 1n],
  ])('%s is read exactly', (text, expected) => {
    expect(tao.read(text)).toBe(expected);
  });

  it.each([
    '1,5',
    '1.234,56',
    '1,234.56',
    '0,1',
    '.5',
    '1.',
    '1e3',
    '١٫٥',
    '１.5',
    '+1',
    '-1',
    '0x10',
    ' 1.5 ',
    '1.5\n',
    '0.0000000001',
    '18446744073.709551616',
    '99999999999999999999999',
    'NaN',
    'Infinity',
    '',
  ])('%j is refused, not guessed', (text) => {
    expect(tao.read(text)).toBeNull();
  });
});

describe('a place on disk', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['a', resolve('a')],
    ['~', homedir()],
    ['~/x', join(homedir(), 'x')],
    ['~x', resolve('~x')],
  ])('%s is %s', (text, expected) => {
    expect(path('FOLDER').read(text)).toBe(expected);
  });

  it.each(['', '  ', 'a\0b'])('%j is none', (text) => {
    expect(path('FOLDER').read(text)).toBeNull();
  });
});
