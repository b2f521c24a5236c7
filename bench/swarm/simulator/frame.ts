import type { Contributors } from '../../../src-shared/reduce/bitmap.ts';
import type { ResultLeaf } from '../../../src-shared/rounds/results-list.ts';
import {
  DIGEST_BYTES,
  HEADER_BYTES,
  NONE_BYTES,
  OPEN_FIXED_BYTES,
  RESULT_FIXED_BYTES,
} from '../../../src-worker/swarm/reduce/frames.ts';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';

/** What is said on a stream of the exchange, without values: their number is all that a line knows of them. */
export type SimFrame = { readonly bytes: number } & (
  | { readonly type: 'open'; readonly agoMs: number; readonly hasLeaves: boolean }
  | { readonly type: 'window'; readonly place: number; readonly received: number; readonly cameMs: number }
  | { readonly type: 'result'; readonly chunk: number; readonly leaf: ResultLeaf }
  | { readonly type: 'none'; readonly chunk: number; readonly signer: number }
  | { readonly type: 'chunk' | 'ask' | 'pass'; readonly chunk: number }
  /** Which of these have you? `given` says that nothing more of them comes. */
  | { readonly type: 'want'; readonly chunks: readonly number[] }
  | { readonly type: 'done' | 'given' }
);

const WINDOW_BYTES = 12;
/** A chunk's number in the text of a question, with its comma. */
const WANTED_BYTES = 6;

export const openFrame = (agoMs: number, leaves: number): SimFrame => ({
  ...{ type: 'open', agoMs, hasLeaves: leaves > 0 },
  bytes: HEADER_BYTES + OPEN_FIXED_BYTES + DIGEST_BYTES * leaves,
});

export const windowFrame = (place: number, received: number, cameMs: number): SimFrame => ({
  ...{ type: 'window', place, received, cameMs },
  bytes: HEADER_BYTES + WINDOW_BYTES,
});

export const chunkFrame = (plan: RoundPlan, chunk: number): SimFrame => ({
  ...{ type: 'chunk', chunk },
  bytes: HEADER_BYTES + plan.chunkBytes(plan.self!, chunk),
});

/** Of results whose size hangs on their values the most is taken. */
export const resultFrame = (plan: RoundPlan, chunk: number, leaf: ResultLeaf): SimFrame => ({
  ...{ type: 'result', chunk, leaf },
  bytes: HEADER_BYTES + RESULT_FIXED_BYTES + plan.resultMaxBytes(chunk),
});

export const noneFrame = (chunk: number, signer: number): SimFrame => ({
  ...{ type: 'none', chunk, signer },
  bytes: HEADER_BYTES + NONE_BYTES,
});

export const wantFrame = (chunks: readonly number[]): SimFrame => ({
  ...{ type: 'want', chunks },
  bytes: HEADER_BYTES + WANTED_BYTES * chunks.length,
});

export const shortFrame = (type: 'ask' | 'pass', chunk: number): SimFrame => ({
  ...{ type, chunk },
  bytes: HEADER_BYTES,
});
export const wordFrame = (type: 'done' | 'given'): SimFrame => ({ type, bytes: HEADER_BYTES });

/** Of every result the same: nobody computes values here. */
const DIGEST = '0'.repeat(64) as ResultLeaf['digest'];

export const leafOf = (signer: number, contributors: Contributors, divisor: number): ResultLeaf => ({
  ...{ signer, contributors, divisor },
  digest: DIGEST,
});
