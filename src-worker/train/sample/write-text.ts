import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import { xoshiro128 } from '../../../src-shared/model/xoshiro.ts';
import { IncrementalModel } from './incremental.ts';
import { drawToken, type Sampling } from './sampling.ts';

/**
 * A model foretells nothing behind more tokens than it was trained with, and what is left out is what matters most.
 * @throws {AppError} MODEL_TEXT_REFUSED
 */
export function demandRoom({ length }: ArrayLike<number>, { context }: ModelConfig): void {
  if (length > context)
    throw new AppError('MODEL_TEXT_REFUSED', {
      reason: `it has ${length} tokens, and the model reads ${context} at most`,
    });
}

export interface TextWanted {
  readonly prompt: ArrayLike<number>;
  /** Most tokens to add; fewer where the text or the context ends before. */
  readonly tokens: number;
  readonly sampling: Sampling;
  /** The same seed over the same weights gives the same text. */
  readonly seed: string;
  /** Ends the text; ids above it only pad the vocabulary. */
  readonly endOfText: number;
  /** Hears each token as it comes. */
  seen?(token: number): void;
}

/**
 * The tokens that a model goes on with. A step of the generator is some tenths of a millisecond of work, after which
 * others may have their turn.
 * @throws {AppError} MODEL_TEXT_REFUSED where the prompt is longer than the model's context
 */
export function* writeText(
  model: Pick<IncrementalModel, 'config'> & { readonly flat: Float32Array },
  { prompt, tokens, sampling, seed, endOfText, seen: tell }: TextWanted,
): Generator<void, number[]> {
  const { config, flat } = model;
  demandRoom(prompt, config);
  // A first token there must be: what a text begins after is the end of another.
  const seen = prompt.length > 0 ? Array.from(prompt) : [endOfText];
  const positions = Math.min(config.context, seen.length + tokens);
  // What only pads the vocabulary is never drawn.
  const spelled = Math.min(endOfText + 1, config.vocab);
  const running = new IncrementalModel(config, flat, { positions, tokens: spelled });
  const next = xoshiro128(seed);
  const written: number[] = [];
  for (const [index, token] of seen.entries())
    yield* running.advance(token, { wanted: index === seen.length - 1 });
  while (written.length < tokens) {
    const token = drawToken(running.logits, sampling, next);
    if (token === endOfText) break;
    written.push(token);
    tell?.(token);
    if (running.position === positions) break;
    yield* running.advance(token, { wanted: true });
  }
  return written;
}
