import { type HeadRun, type Vector, within } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import { paddedVocab } from '../placement.ts';
import type { View } from '../tally.ts';
import { BYTES, type Format } from '../wgsl/format.ts';
import { crossEntropy, lossSum } from '../wgsl/head.ts';
import { grid } from '../wgsl/kernel.ts';
import type { PassParts } from './parts.ts';

/** Rows of a micro-batch that fall to a run of the head. */
export const rowsInRun = ({ first, rows }: HeadRun, all: number): number =>
  Math.max(0, Math.min(rows, all - first));

/** A run's logits and the losses of its rows; with `isTrained` also what flows back into `final` and the embedding. */
export function head(
  parts: PassParts,
  weights: Vector,
  run: HeadRun,
  index: number,
  { isTrained }: { readonly isTrained: boolean },
): OpPlan[] {
  const { config, format, final, logits, losses, targets, dNormed, gradient } = parts.memory;
  const { width, vocab } = config;
  const stride = paddedVocab(vocab);
  const params = parts.params(1 + index);
  const own = (view: View, elementsPerRow: number, of: Format = 'f32') =>
    within(view, BYTES[of] * run.first * elementsPerRow, BYTES[of] * run.rows * elementsPerRow);
  const x = own(final, width, format);
  const shards = parts.shards().map((slice) => {
    const { firstToken, tokens } = parts.columnsOf(slice);
    const before = BYTES[format] * firstToken;
    return { slice, tokens, columns: within(logits, before, logits.size - before) };
  });
  const plans = shards.map(({ slice, tokens, columns: c }) =>
    parts.product(
      {
        form: 'NT',
        epilogue: 'set',
        result: format,
        m: 'rows',
        n: tokens,
        k: width,
        ld: { c: stride },
        views: [x, weights.slice(slice), c],
      },
      params,
    ),
  );
  const softmax = crossEntropy({ vocab, stride, isTrained, format, lanes: parts.lanes.row });
  plans.push({
    kernel: softmax,
    views: parts.flagged(softmax, [params, own(targets, 1), logits, own(losses, 1)]),
    groups: (rows) => grid(rows),
    work: (rows) => ({
      operations: rows * vocab * 10,
      bytes: rows * stride * BYTES[format] * (isTrained ? 2 : 1),
    }),
  });
  if (!isTrained) return plans;
  shards.forEach(({ slice, tokens, columns: a }, i) => {
    const epilogue = i === 0 ? 'set' : 'add';
    const views = [a, weights.slice(slice), own(dNormed, width)];
    plans.push(
      parts.product(
        { form: 'NN', epilogue, result: 'f32', m: 'rows', n: width, k: tokens, ld: { a: stride }, views },
        params,
      ),
    );
    const into = [a, x, gradient.slice(slice)];
    plans.push(
      parts.product(
        {
          form: 'TN',
          epilogue: 'accumulate',
          result: 'f32',
          m: tokens,
          n: width,
          k: 'rows',
          ld: { a: stride },
          views: into,
        },
        params,
      ),
    );
  });
  return plans;
}

/** Adds a micro-batch's losses up, once all runs of the head are through. */
export function lossOfBatch(parts: PassParts): OpPlan {
  const { losses, lossSlots } = parts.memory;
  return {
    kernel: lossSum(parts.lanes.row),
    views: [parts.params(0), losses, lossSlots],
    groups: () => [1, 1],
    work: (rows) => ({ operations: rows, bytes: 4 * rows }),
  };
}
