import { describe, expect, it } from 'vitest';
import { ownWords } from '../../../../src-main/shells/electron/own-words.ts';

const words = (line: string): string[] => line.split(' ');

describe('the words meant for the app', () => {
  it.each([
    ['electron /app', []],
    ['electron /app practice --port 5', ['practice', '--port', '5']],
    // As Playwright starts it.
    ['electron --inspect=0 --remote-debugging-port=0 -r /loader.js /app --no-open', ['--no-open']],
    ['electron --no-sandbox . serve', ['serve']],
    ['electron', []],
  ])('stand behind the app in %s', (line, expected) => {
    expect(ownWords(words(line), { isPackaged: false })).toEqual(expected);
  });

  it('are all of them where the app is the program', () => {
    expect(ownWords(words('butterfly --no-sandbox practice'), { isPackaged: true })).toEqual([
      '--no-sandbox',
      'practice',
    ]);
  });
});
