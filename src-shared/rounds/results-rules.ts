import { type ChunkGrid, chunkLength } from '../reduce/chunks.ts';
import { contributorsFault } from '../reduce/quorum.ts';
import { type ResultLeaf, type ResultsList, sameLeaf } from './results-list.ts';

/** Of what a witness holds a list may lack so many elements: results that came while it was on its way. */
const SHORT_SHARE = 0.02;

/** What a list is held against: the round's roster, and what one witness has of its results. */
export interface ResultsKnown {
  readonly grid: ChunkGrid;
  readonly commitShare: number;
  /** Of all members, in roster order. */
  readonly weights: readonly number[];
  /** Roster index of who reduces a chunk, and of who stands by for it. */
  reducerOf(chunk: number): number;
  standbyOf(chunk: number): number | null;
  /** Results of a chunk that this witness holds and has checked: values, bitmap, divisor, signature. */
  held(chunk: number): readonly ResultLeaf[];
}

/** What a witness proposes: of each chunk the reducer's own result where it holds it, else the standby's, else none. */
export function proposeResults({ grid, reducerOf, standbyOf, held }: ResultsKnown): ResultsList {
  return Array.from({ length: grid.chunks }, (_, chunk) => {
    const of = (signer: number | null) => held(chunk).find((leaf) => leaf.signer === signer);
    return of(reducerOf(chunk)) ?? of(standbyOf(chunk)) ?? null;
  });
}

/** Share of all elements that have a result. */
export function coveredShare(list: ResultsList, grid: ChunkGrid): number {
  const covered = list.reduce((sum, leaf, chunk) => sum + (leaf ? chunkLength(grid, chunk) : 0), 0);
  return covered / grid.elements;
}

/**
 * What is wrong with a list by the roster alone: every member checks this before it computes from it.
 * @returns null when nothing is
 */
export function listFault(list: ResultsList, known: Omit<ResultsKnown, 'held'>): string | null {
  const { grid, commitShare, weights, reducerOf, standbyOf } = known;
  if (list.length !== grid.chunks) return 'it is of another grid';
  for (const [chunk, leaf] of list.entries()) {
    if (leaf === null) continue;
    if (leaf.signer !== reducerOf(chunk) && leaf.signer !== standbyOf(chunk))
      return 'a result is of neither reducer nor standby';
    const fault = contributorsFault(leaf, weights);
    if (fault) return `a result does not count: ${fault}`;
  }
  return coveredShare(list, grid) < commitShare ? 'it covers too little' : null;
}

/**
 * Why a witness does not sign a list; null when it does. It signs one a round, and what it signs it can serve: every
 * result of it lies here and was checked. Of what lies here at most 2 % of all elements may be missing in it.
 */
export function signListFault(list: ResultsList, known: ResultsKnown): string | null {
  const fault = listFault(list, known);
  if (fault) return fault;
  let short = 0;
  for (const [chunk, leaf] of list.entries()) {
    const held = known.held(chunk);
    if (leaf && !held.some((one) => sameLeaf(one, leaf))) return 'it names a result that is not here';
    if (!leaf && held.length > 0) short += chunkLength(known.grid, chunk);
  }
  return short > known.grid.elements * SHORT_SHARE ? 'it lacks too much of what is here' : null;
}
