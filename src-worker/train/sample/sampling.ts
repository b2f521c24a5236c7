import { AppError } from '../../../src-shared/errors/app-error.ts';

/** How the next token is drawn. */
export interface Sampling {
  /** What logits are divided by; 0 takes the likeliest token always. */
  readonly temperature: number;
  /** Only so many of the likeliest tokens may come. */
  readonly topK: number;
}

/** Lively and seldom absurd; what an exported model proposes to other programs too. */
export const SAMPLING: Sampling = { temperature: 0.8, topK: 40 };

const WORD = 2 ** 32;

/**
 * Draws a token from softmax(logits / temperature) over the `topK` likeliest; equal ones go by their ids.
 * @param next 32 random bits
 * @throws {AppError} MODEL_FILE_NOT_FINITE when the likeliest is no number
 */
export function drawToken(logits: Float32Array, { temperature, topK }: Sampling, next: () => number): number {
  const best = likeliest(logits, temperature === 0 ? 1 : topK);
  const top = logits[best[0]!]!;
  if (!Number.isFinite(top)) throw new AppError('MODEL_FILE_NOT_FINITE', { tensor: 'its output' });
  if (best.length === 1) return best[0]!;
  const weights = best.map((token) => Math.exp((logits[token]! - top) / temperature));
  let left = (next() / WORD) * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return best[index]!;
  }
  return best.at(-1)!;
}

/** Ids of the `count` largest logits, the largest first. A NaN is the largest of all, so that it shows. */
function likeliest(logits: Float32Array, count: number): number[] {
  const best: number[] = [];
  const exceeds = (a: number, b: number) => a > b || (Number.isNaN(a) && !Number.isNaN(b));
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token]!;
    if (best.length === count && !exceeds(logit, logits[best[count - 1]!]!)) continue;
    let at = best.length === count ? count - 1 : best.length;
    for (; at > 0 && exceeds(logit, logits[best[at - 1]!]!); at--) best[at] = best[at - 1]!;
    best[at] = token;
  }
  return best;
}
