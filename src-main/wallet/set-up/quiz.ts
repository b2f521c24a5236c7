import { randomInt } from 'node:crypto';
import wordlist from '@polkadot/util-crypto/mnemonic/wordlists/en';
import type { QuizPlace } from '../../../src-shared/contract/signing.ts';
import { QUIZ_CHOICES, QUIZ_PLACES, QUIZ_TRIES } from './limits.ts';

/** Three words asked for, each to be chosen among six: proof that they are on paper. */
export interface Quiz {
  readonly places: readonly QuizPlace[];
  /** `look-again` ends it: the words are to be looked at before it is begun anew. */
  answer(words: readonly string[]): 'right' | 'wrong' | 'look-again';
}

/** @param random a whole number below its argument */
export function newQuiz(words: readonly string[], random: (below: number) => number = randomInt): Quiz {
  const asked = someOf(words.length, QUIZ_PLACES, random).sort((a, b) => a - b);
  let wrong = 0;
  return {
    places: asked.map((at) => ({ place: at + 1, choices: choicesFor(words[at] ?? '', random) })),
    answer(given) {
      if (given.length === asked.length && asked.every((at, n) => words[at] === given[n])) return 'right';
      wrong++;
      return wrong < QUIZ_TRIES ? 'wrong' : 'look-again';
    },
  };
}

/** The word among others of its kind, none twice, in no order. Of a seed it is four digits. */
function choicesFor(word: string, random: (below: number) => number): string[] {
  const isWord = wordlist.includes(word);
  const other = () =>
    isWord ? (wordlist[random(wordlist.length)] ?? word) : random(0x10000).toString(16).padStart(4, '0');
  const choices = new Set([word]);
  while (choices.size < QUIZ_CHOICES) choices.add(other());
  const all = [...choices];
  return someOf(all.length, all.length, random).map((at) => all[at] ?? word);
}

/** So many different numbers below `below`, in no order. */
function someOf(below: number, count: number, random: (below: number) => number): number[] {
  const left = Array.from({ length: below }, (_, at) => at);
  return Array.from({ length: count }, () => left.splice(random(left.length), 1)[0] ?? 0);
}
