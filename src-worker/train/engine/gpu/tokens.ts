import type { Batch } from '../engine.ts';
import { ALIGN_BYTES } from './placement.ts';

/**
 * Where the tokens of a pass lie, and what the way back of the embedding needs of them: the words of one buffer, so that
 * one write brings all. Each begins where a shader may be bound.
 */
export interface TokenPlaces {
  readonly ids: number;
  readonly targets: number;
  /** How many distinct tokens there are, then these. */
  readonly distinct: number;
  /** Where the rows of each begin in `order`, and where the last ones end. */
  readonly starts: number;
  readonly order: number;
  readonly words: number;
}

/** @param rows of a pass at most, a multiple of 64 */
export function tokenPlaces(rows: number): TokenPlaces {
  // Room for the count before the distinct tokens, and for the end behind their starts.
  const wider = rows + ALIGN_BYTES / 4;
  return {
    ...{ ids: 0, targets: rows, distinct: 2 * rows },
    ...{ starts: 2 * rows + wider, order: 2 * rows + 2 * wider, words: 3 * rows + 2 * wider },
  };
}

/** Ids and targets alone, which is all that the way there needs, and where nothing is trained. */
export function tokensOf({ ids, targets }: Batch, places: TokenPlaces): Uint32Array {
  const words = new Uint32Array(places.distinct);
  words.set(ids, places.ids);
  words.set(targets, places.targets);
  return words;
}

/** With the rows of each distinct token, in order: the way back of the embedding adds them without meeting anybody. */
export function trainedTokensOf({ ids, targets }: Batch, places: TokenPlaces): Uint32Array {
  const words = new Uint32Array(places.words);
  words.set(ids, places.ids);
  words.set(targets, places.targets);
  // Numbers that sort by token, then by row, need no function to be compared by.
  const keys = new Float64Array(ids.length);
  for (let row = 0; row < ids.length; row += 1) keys[row] = ids[row]! * ROWS_MOST + row;
  keys.sort();
  let count = 0;
  let last = -1;
  for (let index = 0; index < keys.length; index += 1) {
    const row = keys[index]! % ROWS_MOST;
    words[places.order + index] = row;
    if (ids[row] === last) continue;
    last = ids[row]!;
    words[places.starts + count] = index;
    count += 1;
    words[places.distinct + count] = last;
  }
  words[places.distinct] = count;
  words[places.starts + count] = ids.length;
  return words;
}

/** More rows than a pass can have; times a token they are a whole number that a float64 holds. */
const ROWS_MOST = 2 ** 32;
