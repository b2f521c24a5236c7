import { setImmediate } from 'node:timers/promises';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Batch } from '../engine/engine.ts';
import { EVALUATION_MAX_WINDOWS, EVALUATION_SLICE_WINDOWS } from '../limits.ts';
import { sequenceCount, sliceBatch } from '../pages/packing.ts';
import { isKept } from '../state/replica.ts';
import { type Trainer, takeTurn } from './trainer.ts';

/**
 * The committed base's mean loss on held-out text: windows at even distances, the same ones for everybody who asks
 * for as many. Works in slices between which training has its turn; the base is the one of the beginning throughout.
 */
export async function evaluate(
  trainer: Trainer,
  asked: { readonly windows: number },
  signal: AbortSignal,
): Promise<{ loss: number; tokens: number }> {
  const { engine, corpus, consensus } = trainer;
  const { base, current } = trainer.replica;
  let sum = 0;
  let tokens = 0;
  for (const batch of heldOutSlices(corpus.heldOut, consensus.model.context, asked.windows)) {
    const look = async () => {
      if (!isKept(trainer.replica, current.standing))
        throw new AppError('NOT_NOW', { what: 'Evaluating that base', state: 'past it' });
      return engine.atBase(base, () => engine.losses([batch]));
    };
    const [loss] = await takeTurn(trainer, look, signal);
    sum += loss! * batch.ids.length;
    tokens += batch.ids.length;
    await setImmediate();
  }
  return { loss: sum / tokens, tokens };
}

/** Micro-batches of windows at even distances over held-out text. */
export function* heldOutSlices(heldOut: Uint16Array, context: number, asked: number): Generator<Batch> {
  const available = sequenceCount(heldOut.length, context);
  const windows = Math.max(1, Math.min(asked, available, EVALUATION_MAX_WINDOWS));
  const stride = Math.floor(available / windows);
  for (let first = 0; first < windows; first += EVALUATION_SLICE_WINDOWS) {
    const count = Math.min(EVALUATION_SLICE_WINDOWS, windows - first);
    const ids = new Uint16Array(count * context);
    const targets = new Uint16Array(count * context);
    for (let i = 0; i < count; i += 1) {
      const window = sliceBatch(heldOut, context, (first + i) * stride, 1);
      ids.set(window.ids, i * context);
      targets.set(window.targets, i * context);
    }
    yield { ids, targets };
  }
}
