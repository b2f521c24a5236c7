import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from '../../../src-main/commands/suggest.ts';

describe('the distance of two words', () => {
  it.each([
    ['port', 'port', 0],
    ['prot', 'port', 1],
    ['por', 'port', 1],
    ['ports', 'port', 1],
    ['part', 'port', 1],
    ['', 'port', 4],
    ['kitten', 'sitting', 3],
    ['abcdef', 'badcfe', 3],
  ])('of %s and %s', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
    expect(editDistance(to, from)).toBe(edits);
  });
});

describe('a suggestion', () => {
  const known = ['--port', '--no-open', '--profile', '--help'];

  it('is the nearest, dashes or not, capitals or not', () => {
    expect(suggest('PORT', known)).toBe('--port');
    expect(suggest('--profil', known)).toBe('--profile');
  });

  it.each(['--x', '--no-sandbox', '--proxy-server', '', '--'])('is none for %s', (word) => {
    expect(suggest(word, known)).toBeNull();
  });

  it('ends at once for a word of absurd length', () => {
    expect(suggest('p'.repeat(100_000), known)).toBeNull();
  });
});
