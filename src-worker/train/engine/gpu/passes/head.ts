import { type HeadRun, type Vector, within } from '../memory.ts';
import type { OpPlan } from '../pipelines.ts';
import { paddedVocab, type Slice } from '../placement.ts';
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
  const { config, format, final } = parts.memory;
  const of: Run = {
    params: parts.params(1 + index),
    x: ofRun(run, final, config.width, format),
    shards: shardsOf(parts),
    run,
  };
  return [
    ...logits(parts, weights, of),
    softmax(parts, of, isTrained),
    ...(isTrained ? back(parts, weights, of) : []),
  ];
}

interface Run {
  readonly params: View;
  /** Its rows of `final`. */
  readonly x: View;
  readonly shards: readonly Shard[];
  readonly run: HeadRun;
}

/** A shard of the embedding, and its columns of the logits. */
interface Shard {
  readonly slice: Slice;
  readonly tokens: number;
  readonly columns: View;
}

const ofRun = (run: HeadRun, view: View, elementsPerRow: number, format: Format = 'f32'): View =>
  within(view, BYTES[format] * run.first * elementsPerRow, BYTES[format] * run.rows * elementsPerRow);

function shardsOf(parts: PassParts): Shard[] {
  const { format, logits } = parts.memory;
  return parts.shards().map((slice) => {
    const { firstToken, tokens } = parts.columnsOf(slice);
    const before = BYTES[format] * firstToken;
    return { slice, tokens, columns: within(logits, before, logits.size - before) };
  });
}

function logits(parts: PassParts, weights: Vector, { params, x, shards }: Run): OpPlan[] {
  const { config, format } = parts.memory;
  return shards.map(({ slice, tokens, columns }) =>
    parts.product(
      {
        ...{ form: 'NT', epilogue: 'set', result: format },
        ...{ m: 'rows', n: tokens, k: config.width, ld: { c: paddedVocab(config.vocab) } },
        views: [x, weights.slice(slice), columns],
      },
      params,
    ),
  );
}

function softmax(parts: PassParts, { params, run }: Run, isTrained: boolean): OpPlan {
  const { config, format, logits, losses, targets } = parts.memory;
  const { vocab } = config;
  const stride = paddedVocab(vocab);
  const kernel = crossEntropy({ vocab, stride, isTrained, format, lanes: parts.lanes.row });
  return {
    kernel,
    views: parts.flagged(kernel, [params, ofRun(run, targets, 1), logits, ofRun(run, losses, 1)]),
    groups: (rows) => grid(rows),
    work: (rows) => ({
      operations: rows * vocab * 10,
      bytes: rows * stride * BYTES[format] * (isTrained ? 2 : 1),
    }),
  };
}

/** What flows back from the logits, shard by shard. */
function back(parts: PassParts, weights: Vector, { params, x, shards, run }: Run): OpPlan[] {
  const { config, dNormed, gradient } = parts.memory;
  const { width } = config;
  const ld = { a: paddedVocab(config.vocab) };
  return shards.flatMap(({ slice, tokens, columns }, i) => [
    parts.product(
      {
        ...{ form: 'NN', epilogue: i === 0 ? 'set' : 'add', result: 'f32' },
        ...{ m: 'rows', n: width, k: tokens, ld },
        views: [columns, weights.slice(slice), ofRun(run, dNormed, width)],
      },
      params,
    ),
    parts.product(
      {
        ...{ form: 'TN', epilogue: 'accumulate', result: 'f32' },
        ...{ m: tokens, n: width, k: 'rows', ld },
        views: [columns, x, gradient.slice(slice)],
      },
      params,
    ),
  ]);
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
