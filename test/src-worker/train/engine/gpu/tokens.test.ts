import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ALIGN_BYTES } from '../../../../../src-worker/train/engine/gpu/placement.ts';
import { tokenPlaces, tokensOf, trainedTokensOf } from '../../../../../src-worker/train/engine/gpu/tokens.ts';

const ROWS = 128;
const places = tokenPlaces(ROWS);

it('lists the rows of each distinct token in order, tokens in order too', () => {
  const ids = Uint16Array.of(7, 3, 7, 9, 3);
  const words = trainedTokensOf({ ids, targets: Uint16Array.of(1, 2, 3, 4, 5) }, places);
  const at = (first: number, count: number) => [...words.subarray(first, first + count)];
  expect(at(places.ids, 5)).toEqual([7, 3, 7, 9, 3]);
  expect(at(places.targets, 5)).toEqual([1, 2, 3, 4, 5]);
  expect(at(places.distinct, 4)).toEqual([3, 3, 7, 9]);
  expect(at(places.starts, 4)).toEqual([0, 2, 4, 5]);
  expect(at(places.order, 5)).toEqual([1, 4, 0, 2, 3]);
});

it('every row stands under its own token once, in order, whatever the tokens are', () => {
  const tokens = fc.uint16Array({ minLength: 1, maxLength: ROWS });
  const few = fc.uint16Array({ minLength: 1, maxLength: ROWS, max: 3 });
  fc.assert(
    fc.property(fc.oneof(tokens, few), (ids) => {
      const words = trainedTokensOf({ ids, targets: ids }, places);
      const found: number[] = [];
      const count = words[places.distinct]!;
      expect(count).toBe(new Set(ids).size);
      for (let i = 0; i < count; i += 1) {
        const [first, end] = words.subarray(places.starts + i, places.starts + i + 2);
        const rows = [...words.subarray(places.order + first!, places.order + end!)];
        expect(rows).toEqual(rows.toSorted((a, b) => a - b));
        for (const row of rows) expect(ids[row]).toBe(words[places.distinct + 1 + i]);
        found.push(...rows);
      }
      expect(found.toSorted((a, b) => a - b)).toEqual([...ids.keys()]);
    }),
  );
});

it('parts begin where shaders may be bound, the fullest pass has room, and ids and targets stand alone at the start', () => {
  const { words, ...firsts } = places;
  for (const first of Object.values(firsts)) expect((4 * first) % ALIGN_BYTES).toBe(0);
  const ids = Uint16Array.from({ length: ROWS }, (_, i) => i);
  const whole = trainedTokensOf({ ids, targets: ids }, places);
  expect(whole).toHaveLength(words);
  expect([...whole.subarray(places.starts, places.starts + ROWS + 1)]).toEqual([...ids, ROWS]);
  const alone = tokensOf({ ids, targets: ids }, places);
  expect(alone).toEqual(whole.subarray(0, 2 * ROWS));
});
