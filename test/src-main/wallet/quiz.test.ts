import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newQuiz } from '../../../src-main/wallet/set-up/quiz.ts';

const words = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'.split(' ');
const right = ({ places }: ReturnType<typeof newQuiz>) => places.map(({ place }) => words[place - 1] ?? '');

describe('the quiz after a backup', () => {
  it('asks for three different words in their order, each among six, whatever chance says', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), (numbers) => {
        let at = 0;
        const random = (below: number) => ((numbers[at++ % numbers.length] ?? 0) + at) % below;
        const { places } = newQuiz(words, random);
        expect(places.map(({ place }) => place)).toEqual(
          [...new Set(places.map(({ place }) => place))].sort((a, b) => a - b),
        );
        for (const { place, choices } of places) {
          expect(new Set(choices).size).toBe(6);
          expect(choices).toContain(words[place - 1]);
        }
      }),
    );
  });

  it('is right with all three alone', () => {
    const quiz = newQuiz(words);
    expect(quiz.answer(right(quiz))).toBe('right');
    expect(newQuiz(words).answer([])).toBe('wrong');
    const other = newQuiz(words);
    expect(other.answer(right(other).slice(0, 2))).toBe('wrong');
  });

  it('sends back to the words after the second wrong answer', () => {
    const quiz = newQuiz(words);
    expect(quiz.answer(['a', 'b', 'c'])).toBe('wrong');
    expect(quiz.answer(['a', 'b', 'c'])).toBe('look-again');
  });

  it('hides the groups of a seed among others like them', () => {
    const seed = Array.from({ length: 16 }, (_, at) => `0a0${at.toString(16)}`);
    for (const { choices } of newQuiz(seed).places)
      expect(choices.every((choice) => /^[0-9a-f]{4}$/.test(choice))).toBe(true);
  });
});
