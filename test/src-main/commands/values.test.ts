import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { path } from '../../../src-main/commands/values.ts';

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
