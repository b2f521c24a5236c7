import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { windowedOrExit } from '../../../src-main/entry/windowed.ts';

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

it('is what the words ask for, and whose folder', () => {
  expect(windowedOrExit(['practice', '--data-dir', '/tmp/x'])).toMatchObject({
    command: { name: 'practice' },
    config: { dataDir: '/tmp/x', adversary: null },
  });
});

it.each([
  [['--profile', 'nope'], /nope/],
  [['--profile', 'gpt2-1.1b'], /gpt2-1\.1b/],
  [['devnet'], /devnet/],
])('refuses %j with a sentence', (words, sentence) => {
  expect(() => windowedOrExit(words)).toThrow('exit 2');
  expect(said.join('')).toMatch(sentence);
});
