import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parameterCount, parameterLayout } from '../../../../../src-shared/model/layout.ts';
import type { Batch, Engine } from '../../../../../src-worker/train/engine/engine.ts';
import { createReferenceEngine } from '../../../../../src-worker/train/engine/reference/reference-engine.ts';
import { tensorFlowBackend } from '../../../../../src-worker/train/engine/tensorflow/create.ts';
import { routeOf, type Stage, type Stretch } from '../../../../../src-worker/train/engine/tensorflow/legs.ts';
import { blocksOf, piecesOf } from '../../../../../src-worker/train/engine/tensorflow/pieces.ts';
import {
  createTensorFlowEngine,
  type TensorFlowEngineOptions,
} from '../../../../../src-worker/train/engine/tensorflow/tensorflow-engine.ts';
import type { LoadedTfjs } from '../../../../../src-worker/train/engine/tensorflow/tfjs.ts';
import { Turn } from '../../../../../src-worker/train/engine/tensorflow/turn.ts';
import { inMemory } from '../../../../../src-worker/train/vector-source.ts';
import { buildKernels } from '../../../../../tools/tasks/build-kernels.ts';
import { relativeError, TINY, testBatch, testWeights } from '../support.ts';
import { loadPlainTfjs } from './plain-tfjs.ts';

const COUNT = parameterCount(TINY);
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-5, weightDecay: 0.1, clip: 1 };
/** Every stage alone, one sequence at a time, four rows at a time where rows stand alone. */
const CUT: Stretch = { multiplyAdds: 1, leastRows: 4 };
/** One layer fits with the head, the other goes by itself. */
const HALVED: Stretch = { multiplyAdds: 100_000, leastRows: 4 };

let loaded: LoadedTfjs;
beforeAll(async () => {
  await buildKernels();
  loaded = await loadPlainTfjs();
});

async function using<T>(
  options: Partial<TensorFlowEngineOptions>,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await createTensorFlowEngine(loaded, TINY, { maxSequences: 4, ...options });
  try {
    await engine.load(testWeights(TINY));
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

async function vectorOf(engine: Engine, name: 'gradient' | 'parameters'): Promise<Float32Array> {
  const flat = new Float32Array(COUNT);
  await engine.read(name, flat);
  return flat;
}

async function gradientOf(engine: Engine, batches: readonly Batch[]) {
  const { loss } = await engine.gradient(batches);
  return { loss, gradient: await vectorOf(engine, 'gradient') };
}

async function expected(batches: readonly Batch[]) {
  const reference = createReferenceEngine(TINY, 4);
  await reference.load(testWeights(TINY));
  return gradientOf(reference, batches);
}

describe('TensorFlow’s engine against the float64 reference', () => {
  it.each([
    ['whole', {}],
    ['cut in two', { stretch: HALVED }],
    ['cut as far as it goes', { stretch: CUT }],
  ] as const)('%s: loss and every gradient tensor agree', async (_how, options) => {
    const batches = [testBatch(TINY, 3, 1), testBatch(TINY, 2, 2)];
    const reference = await expected(batches);
    const found = await using(options, (engine) => gradientOf(engine, batches));
    expect(Math.abs(found.loss - reference.loss)).toBeLessThan(1e-5);
    for (const { offset, length } of parameterLayout(TINY))
      expect(relativeError(found.gradient, reference.gradient, offset, length)).toBeLessThan(1e-5);
  });

  it('ten steps of AdamW arrive at the same weights', async () => {
    const run = async (engine: Engine) => {
      for (let step = 0; step < 10; step += 1) {
        await engine.gradient([testBatch(TINY, 2, step)]);
        await engine.optimizerStep(ADAMW);
      }
      return vectorOf(engine, 'parameters');
    };
    const reference = createReferenceEngine(TINY, 4);
    await reference.load(testWeights(TINY));
    const weights = await run(reference);
    expect(relativeError(await using({}, run), weights)).toBeLessThan(1e-4);
  });

  it('takes the same losses cut and whole, also at a base', async () => {
    const batch = testBatch(TINY, 3);
    const lossesOf = (engine: Engine) =>
      engine.atBase(inMemory(testWeights(TINY, 9)), () => engine.losses([batch, testBatch(TINY, 1)]));
    const whole = await using({}, lossesOf);
    const cut = await using({ stretch: CUT }, lossesOf);
    for (const [index, loss] of cut.entries()) expect(Math.abs(loss - whole[index]!)).toBeLessThan(1e-5);
  });
});

describe('what TensorFlow’s engine holds', () => {
  it.each([
    ['whole', {}],
    ['cut', { stretch: CUT }],
  ] as const)('%s: no tensor is left behind by a step', async (_how, options) => {
    const { tf } = loaded;
    const before = tf.memory().numTensors;
    await using(options, async (engine) => {
      const step = async () => {
        const batches = [testBatch(TINY, 2, 1), testBatch(TINY, 3, 2)];
        await engine.atBase(inMemory(testWeights(TINY, 3)), () =>
          engine.gradient(batches, { sketchSeed: Uint8Array.of(1) }),
        );
        await engine.optimizerStep(ADAMW);
        await engine.losses(batches);
        await engine.write('m', Float32Array.of(1, 2, 3), 5);
        await vectorOf(engine, 'gradient');
        return tf.memory().numTensors;
      };
      const first = await step();
      expect([await step(), await step()]).toEqual([first, first]);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is gone as well after a batch whose gradient broke off', async () => {
    const { tf } = loaded;
    await using({ stretch: CUT }, async (engine) => {
      await engine.gradient([testBatch(TINY, 2)]);
      const before = tf.memory().numTensors;
      const broken = new Proxy(tf, {
        get: (real, name) => {
          if (name !== 'unsortedSegmentSum') return real[name as keyof typeof real];
          return () => {
            throw new Error('broke off');
          };
        },
      });
      const other = await createTensorFlowEngine({ ...loaded, tf: broken }, TINY, {
        maxSequences: 4,
        stretch: CUT,
      });
      await other.load(testWeights(TINY));
      await expect(other.gradient([testBatch(TINY, 2)])).rejects.toThrow('broke off');
      await other.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('is what it was after a gradient that was interrupted, wherever that was', () =>
    using({ stretch: CUT }, async (engine) => {
      const { tf } = loaded;
      const batches = [testBatch(TINY, 2)];
      await engine.gradient(batches);
      const before = tf.memory().numTensors;
      const expectedGradient = await vectorOf(engine, 'gradient');
      const take = vi.spyOn(Turn.prototype, 'take');
      onTestFinished(() => void take.mockRestore());
      await engine.gradient(batches);
      const turns = take.mock.calls.length;
      expect(turns).toBeGreaterThan(20);
      for (let stopAt = 1; stopAt < turns; stopAt += 1) {
        const stop = new AbortController();
        const from = take.mock.calls.length;
        const signal = stop.signal;
        vi.spyOn(signal, 'throwIfAborted').mockImplementation(() => {
          if (take.mock.calls.length - from > stopAt) throw new Error('interrupted');
        });
        await expect(engine.gradient(batches, { signal })).rejects.toThrow('interrupted');
        expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
      }
      await engine.gradient(batches);
      expect(await vectorOf(engine, 'gradient')).toEqual(expectedGradient);
      expect(tf.memory().numTensors).toBe(before);
    }));

  it('is not what the caller goes on writing to', () =>
    using({}, async (engine) => {
      const window = Float32Array.of(1, 2, 3);
      await engine.write('v', window, 40);
      window.fill(9);
      const found = new Float32Array(5);
      await engine.read('v', found, 39);
      expect([...found]).toEqual([0, 1, 2, 3, 0]);
    }));
});

it('rests as long as the throttle wants, and computes the same', async () => {
  const batch = [testBatch(TINY, 2)];
  const throttle = { share: 1 };
  const whole = await using({ throttle }, (engine) => gradientOf(engine, batch));
  throttle.share = 0.1;
  const waits = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => void waits.mockRestore());
  expect(await using({ throttle }, (engine) => gradientOf(engine, batch))).toEqual(whole);
  expect(waits).toHaveBeenCalled();
});

it('waits for a card stretch by stretch, and computes the same', async () => {
  const batch = [testBatch(TINY, 2)];
  const { tf } = loaded;
  const run = async (isOnCard: boolean) => {
    const before = tf.memory().numTensors;
    const engine = await createTensorFlowEngine({ ...loaded, isOnCard }, TINY, {
      maxSequences: 2,
      stretch: CUT,
    });
    await engine.load(testWeights(TINY));
    const found = await gradientOf(engine, batch);
    await engine.optimizerStep(ADAMW);
    expect(engine.capabilities.isDeterministic).toBe(!isOnCard);
    await engine.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return found;
  };
  expect(await run(true)).toEqual(await run(false));
});

it('that was not added says so, and throws nothing', async () => {
  expect(await tensorFlowBackend('/nowhere').probe()).toEqual({
    available: false,
    reason: 'The TensorFlow engine is not on this computer.',
  });
});

it('blocks of the optimiser cover the vector in order, decay alike, and are as large as they may be', () => {
  const pieces = piecesOf(TINY);
  for (const elements of [1, 1_000, 4_000_000]) {
    const blocks = blocksOf(pieces, elements);
    expect(blocks.flatMap((block) => block.pieces)).toEqual([...pieces.keys()]);
    for (const [at, block] of blocks.entries()) {
      const own = block.pieces.map((place) => pieces[place]!);
      expect([block.offset, block.length]).toEqual([
        own[0]!.offset,
        own.reduce((sum, { length }) => sum + length, 0),
      ]);
      expect(new Set(own.map(({ decay }) => decay))).toEqual(new Set([block.decay]));
      const next = blocks[at + 1];
      if (next?.decay === block.decay)
        expect(block.length + pieces[next.pieces[0]!]!.length).toBeGreaterThan(elements);
    }
  }
});

describe('the route through a model', () => {
  const stage = (multiplyAddsARow: number, alone: Stage['alone']): Stage => ({
    weights: [],
    run: (x) => x,
    multiplyAddsARow,
    alone,
  });
  const stages = [stage(20, 'nothing'), stage(40, 'rows'), stage(20, 'nothing'), stage(40, 'rows')];
  const shape = (multiplyAdds: number) => {
    const { legs, last } = routeOf(
      stages,
      { ...TINY, width: 1, vocab: 30 },
      {
        rows: 100,
        stretch: { multiplyAdds, leastRows: 10 },
      },
    );
    return [...legs, last].map((leg) => [leg.stages.length, leg.atOnce]);
  };

  it('cuts what heads do apart by heads, one at a time at least', () => {
    const legOf = (multiplyAdds: number) =>
      routeOf(
        [stage(40, 'heads')],
        { ...TINY, heads: 8, width: 1, vocab: 30 },
        { rows: 100, stretch: { multiplyAdds, leastRows: 10 } },
      ).legs[0];
    expect(legOf(4_000)).toMatchObject({ axis: 0, atOnce: 100 });
    expect(legOf(1_500)).toMatchObject({ axis: 1, atOnce: 3 });
    expect(legOf(1)).toMatchObject({ axis: 1, atOnce: 1 });
  });

  it.each([
    [15_000, [[4, 100]]],
    [
      9_000,
      [
        [2, 100],
        [2, 100],
      ],
    ],
    [
      4_000,
      [
        [1, 100],
        [1, 100],
        [1, 100],
        [1, 100],
        [0, 100],
      ],
    ],
    [
      2_000,
      [
        [1, 100],
        [1, 50],
        [1, 100],
        [1, 50],
        [0, 66],
      ],
    ],
    [
      1,
      [
        [1, 100],
        [1, 10],
        [1, 100],
        [1, 10],
        [0, 10],
      ],
    ],
  ])('is cut to %i multiply-adds', (multiplyAdds, expectedShape) => {
    expect(shape(multiplyAdds)).toEqual(expectedShape);
  });
});
