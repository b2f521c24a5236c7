import { describe, expect, it } from 'vitest';
import { en as pageTexts } from '../../src-renderer/i18n/en.ts';
import { signingTexts } from '../../src-renderer/i18n/signing.ts';

/** The page's words, and those of the signing window, which is a bundle of its own. */
const en = { ...signingTexts, ...pageTexts };

const sources = import.meta.glob<string>('../../src-renderer/**/*.{svelte,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const keys = Object.keys(en);
const code = Object.entries(sources)
  .filter(([path]) => !/i18n\/(?:en(?:\/[\w-]+)?|signing)\.ts$/.test(path))
  .map(([, text]) => text)
  .join('\n');

/** Keys as they stand in calls: whole ones, and the fixed ends of those put together from a state. */
const literal = new Set([...code.matchAll(/'([a-z][\w-]*(?:\.[\w-]+)+|skip)'/gi)].map(([, key]) => key));
const pieced = [...code.matchAll(/(?:\bt|coded|say)\(`([\w.]*)\$\{[^`]*?\}([\w.]*)`/g)].map(
  ([, head = '', tail = '']) => ({
    head,
    tail,
  }),
);
const stems = new Set([...code.matchAll(/plural\(\s*'([\w.]+)'/g)].map(([, stem]) => stem));

describe('the message catalogue', () => {
  it('sees the sources', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(30);
  });

  it('has every key that a call names', () => {
    const called = [...code.matchAll(/\b(?:t|say)\(\s*'([^']+)'/g)].map(([, key]) => key ?? '');
    expect(called.length).toBeGreaterThan(100);
    expect(called.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it('has a message for every key put together from a state', () => {
    const empty = pieced.filter(
      ({ head, tail }) => !keys.some((key) => key.startsWith(head) && key.endsWith(tail)),
    );
    expect(pieced.length).toBeGreaterThan(5);
    expect(empty).toEqual([]);
  });

  it('holds nothing that no call uses', () => {
    const unused = keys.filter(
      (key) =>
        !literal.has(key) &&
        !stems.has(key.replace(/\.(zero|one|two|few|many|other)$/, '')) &&
        !pieced.some(({ head, tail }) => head !== '' && key.startsWith(head) && key.endsWith(tail)),
    );
    expect(unused).toEqual([]);
  });

  it('says nothing twice under one key', () => {
    expect(Object.keys(signingTexts).filter((key) => Object.hasOwn(pageTexts, key))).toEqual([]);
  });

  it('gives each plural its general form', () => {
    const lonely = keys.filter(
      (key) => key.endsWith('.one') && !keys.includes(key.replace(/\.one$/, '.other')),
    );
    expect(lonely).toEqual([]);
  });

  it('never shouts and never says oops', () => {
    expect(Object.values(en).filter((text) => /!|oops|something went wrong/i.test(text))).toEqual([]);
  });
});

it('leaves no words in components', () => {
  const spoken = Object.entries(sources)
    .filter(([path]) => path.endsWith('.svelte'))
    .flatMap(([path, text]) => wordsOf(text).map((word) => `${path}: ${word}`));
  expect(spoken).toEqual([]);
});

/** Text of the markup that is no expression: what a translator could not reach. */
function wordsOf(source: string): string[] {
  let markup = source.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<!--[\s\S]*?-->/g, '');
  // Innermost braces first, as expressions nest.
  for (let last = ''; last !== markup; ) {
    last = markup;
    markup = markup.replace(/\{[^{}]*\}/g, '');
  }
  return (
    markup
      .replace(/=>/g, '')
      .replace(/<[^>]*>/g, ' ')
      .match(/[A-Za-z]{2,}/g) ?? []
  ).slice(0, 5);
}
