import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import type { GpuDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pace } from '../../../../src-worker/train/engine/gpu/pace.ts';
import { backward } from '../../../../src-worker/train/engine/gpu/passes/backward.ts';
import { forward } from '../../../../src-worker/train/engine/gpu/passes/forward.ts';
import { head, rowsInRun } from '../../../../src-worker/train/engine/gpu/passes/head.ts';
import { PassParts } from '../../../../src-worker/train/engine/gpu/passes/parts.ts';
import { takeMemory } from '../../../../src-worker/train/engine/gpu/take-memory.ts';
import { Tally } from '../../../../src-worker/train/engine/gpu/tally.ts';
import type { Work } from '../../../../src-worker/train/engine/gpu/work.ts';
import { SLICE_MS } from '../../../../src-worker/train/engine/limits.ts';

/** A clock that goes when somebody sleeps, and when the device is asked for what is not done yet. */
const clock = { nowMs: 0, sleptMs: 0 };

/** What an answer takes on its way. */
const ANSWER_MS = 0.1;

/** Operations of a card for each byte that its memory moves meanwhile. */
const INTENSITY = 20;

/**
 * A device that does `perMs` operations in a millisecond and moves a twentieth of that in bytes, one slice after the
 * other; each of its first `shaders` slices takes `compilesMs` more.
 */
function device(perMs: number, { shaders = 0, compilesMs = 0 } = {}) {
  let doneMs = 0;
  const busy = { perMs, workedMs: 0, askedMs: 0, slices: [] as number[] };
  const queue = {
    submit([{ operations, bytes }]: [Work]) {
      const ms = (operations + INTENSITY * bytes) / busy.perMs;
      const ownMs = ms + (busy.slices.length < shaders ? compilesMs : 0);
      doneMs = Math.max(doneMs, clock.nowMs) + ownMs;
      busy.workedMs += ownMs;
      busy.slices.push(ownMs);
    },
    async onSubmittedWorkDone() {
      const askedMs = clock.nowMs;
      clock.nowMs = Math.max(clock.nowMs, doneMs) + ANSWER_MS;
      busy.askedMs += clock.nowMs - askedMs;
    },
  };
  const answer = (work: Promise<unknown>) => work;
  const pause = async (ms: number) => {
    clock.nowMs += ms;
    clock.sleptMs += ms;
  };
  const gpu = { device: { queue }, answer, pause } as unknown as GpuDevice;
  return { gpu, busy };
}

beforeEach(() => {
  Object.assign(clock, { nowMs: 0, sleptMs: 0 });
  vi.spyOn(performance, 'now').mockImplementation(() => clock.nowMs);
});

/** So much work of products that it is thought to come to so many slices. */
const ofSlices = (pace: Pace, slices: number): Work => ({
  operations: (1e6 * slices) / pace.slices({ operations: 1e6, bytes: 0 }),
  bytes: 0,
});

const hand = (pace: Pace, work: Work) => pace.submit(work as unknown as GPUCommandBuffer, work);

const submit = async (pace: Pace, slices: number) => {
  for (let i = 0; i < slices; i += 1) {
    await hand(pace, ofSlices(pace, 1));
  }
  await pace.idle();
};

it('slices come to what a device does in their time, and it is asked for little of it', async () => {
  const { gpu, busy } = device(3e7);
  const pace = new Pace(gpu, { share: 1 });
  await submit(pace, 50);
  const [workedMs, sinceMs, askedMs] = [busy.workedMs, clock.nowMs, busy.askedMs];
  await submit(pace, 200);
  expect(busy.slices.at(-1)).toBeLessThan(50);
  expect(busy.slices.at(-1)).toBeGreaterThan(20);
  const ranMs = busy.workedMs - workedMs;
  expect((busy.askedMs - askedMs) / ranMs).toBeLessThan(0.1);
  expect(ranMs / (clock.nowMs - sinceMs)).toBeGreaterThan(0.9);
});

it.each([0.1, 0.5, 0.9])('works for a share of %f of the time', async (share) => {
  const { gpu, busy } = device(3e7);
  await submit(new Pace(gpu, { share }), 200);
  expect(Math.abs(busy.workedMs / clock.nowMs / share - 1)).toBeLessThan(0.1);
});

it('heeds a share that changes while it works', async () => {
  const { gpu, busy } = device(1e6);
  const throttle = { share: 1 };
  const pace = new Pace(gpu, throttle);
  await submit(pace, 20);
  const [workedMs, sinceMs] = [busy.workedMs, clock.nowMs];
  throttle.share = 0.25;
  await submit(pace, 20);
  expect((busy.workedMs - workedMs) / (clock.nowMs - sinceMs)).toBeCloseTo(0.25, 1);
});

it('learns from an answer that somebody needs anyway, and asks nothing beside it', async () => {
  const { gpu, busy } = device(3e7);
  const pace = new Pace(gpu, { share: 1 });
  const thought = ofSlices(pace, 1);
  for (let i = 0; i < 20; i += 1) {
    pace.hand(thought as unknown as GPUCommandBuffer, thought);
    await pace.idle(async () => {
      clock.nowMs += thought.operations / busy.perMs;
    });
  }
  expect(busy.askedMs).toBe(0);
  expect(ofSlices(pace, 1).operations).toBeGreaterThan(2 * thought.operations);
});

const LIMITS = { bufferBytes: 2 ** 30, bindingBytes: 2 ** 30 };
const GPT2: ModelConfig = { layers: 12, width: 768, heads: 12, context: 1024, vocab: 50_304 };
const LARGE: ModelConfig = { layers: 22, width: 1920, heads: 30, context: 1024, vocab: 50_304 };

/** What each dispatch of a micro-batch takes, in order. */
function dispatches(config: ModelConfig, sequences: number): Work[] {
  const shape = { config, maxSequences: sequences, passSequences: sequences, format: 'f16' } as const;
  const choices = { isCheckpointed: false, hasBaseBeside: true, hasHalfMoments: false };
  const memory = takeMemory(new Tally(), LIMITS, { ...shape, ...choices }, () => 1);
  const parts = new PassParts(memory, () => ({ family: 'G0' }));
  const rows = sequences * config.context;
  const runs = memory.head.flatMap((run, index) =>
    head(parts, memory.weights, run, index, { isTrained: true }).map(({ work }) =>
      work(rowsInRun(run, rows)),
    ),
  );
  const all = [forward(parts, memory.weights), backward(parts, memory.weights)];
  const [there, back] = all.map((plans) => plans.map(({ work }) => work(rows)));
  return [...there!, ...runs, ...back!];
}

it('a layer is recorded in 7 dispatches on the way there and 16 on the way back', () => {
  const more = dispatches({ ...GPT2, layers: GPT2.layers + 1 }, 4);
  expect(more).toHaveLength(dispatches(GPT2, 4).length + 23);
});

/** One micro-batch as a queue cuts it. */
async function microBatch(pace: Pace, works: readonly Work[]): Promise<void> {
  let recorded: Work = { operations: 0, bytes: 0 };
  for (const { operations, bytes } of works) {
    recorded = { operations: recorded.operations + operations, bytes: recorded.bytes + bytes };
    if (pace.slices(recorded) < 1) continue;
    await hand(pace, recorded);
    recorded = { operations: 0, bytes: 0 };
  }
  if (recorded.operations > 0) await hand(pace, recorded);
  await pace.idle();
}

describe.each([
  ['124M', GPT2],
  ['1.1B', LARGE],
])('the first micro-batch of %s', (_, config) => {
  const works = dispatches(config, 4);

  it.each([0.02, 1, 10, 50])('takes a card of %f TFLOP/s as long as its work', async (teraflops) => {
    const { gpu, busy } = device(teraflops * 1e9);
    const pace = new Pace(gpu, { share: 1 });
    await microBatch(pace, works);
    expect(clock.nowMs - busy.workedMs).toBeLessThan(0.2 * busy.workedMs + 1_000);
  });

  it('is not held up by what shaders take at first once they are compiled', async () => {
    const { gpu, busy } = device(1e10, { shaders: 30, compilesMs: 2_000 });
    const pace = new Pace(gpu, { share: 1 });
    for (let i = 0; i < 4; i += 1) await microBatch(pace, works);
    expect(clock.nowMs - busy.workedMs).toBeLessThan(0.1 * busy.workedMs + 1_500);
  });

  it('leaves the waiting thread alone once the speed is known', async () => {
    const { gpu, busy } = device(1e10);
    const pace = new Pace(gpu, { share: 1 });
    await microBatch(pace, works);
    const [sinceMs, askedMs] = [clock.nowMs, busy.askedMs];
    for (let i = 0; i < 5; i += 1) await microBatch(pace, works);
    expect((busy.askedMs - askedMs) / (clock.nowMs - sinceMs)).toBeLessThan(0.1);
  });
});

it('an optimizer step, bound by memory, makes no gradient be slept for longer', async () => {
  const { gpu, busy } = device(5e6);
  const pace = new Pace(gpu, { share: 1 });
  const step = async () => {
    await microBatch(
      pace,
      Array.from({ length: 20 }, () => ({ operations: 1e7, bytes: 0 })),
    );
    await hand(pace, { operations: 2e6, bytes: 1.2e6 });
    await pace.idle();
  };
  for (let i = 0; i < 10; i += 1) await step();
  const [workedMs, sinceMs] = [busy.workedMs, clock.nowMs];
  for (let i = 0; i < 40; i += 1) await step();
  expect((clock.nowMs - sinceMs) / (busy.workedMs - workedMs)).toBeLessThan(1.1);
});

it('a device that becomes a thousand times faster is noticed within a second', async () => {
  const { gpu, busy } = device(1e6);
  const pace = new Pace(gpu, { share: 1 });
  await submit(pace, 100);
  busy.perMs = 1e9;
  const sinceMs = clock.nowMs;
  while (ofSlices(pace, 1).operations < 20 * busy.perMs) await submit(pace, 1);
  expect(clock.nowMs - sinceMs).toBeLessThan(1_000);
});

it('learns apart how fast a device computes and how fast its memory is', async () => {
  const perMs = 5e6;
  const { gpu } = device(perMs);
  const pace = new Pace(gpu, { share: 1 });
  const product = { operations: 2e8, bytes: 1e5 };
  const stream = { operations: 1e7, bytes: 1e7 };
  for (let i = 0; i < 60; i += 1) {
    await hand(pace, i % 2 === 0 ? product : stream);
    await pace.idle();
  }
  for (const { operations, bytes } of [product, stream]) {
    const ms = (operations + INTENSITY * bytes) / perMs;
    expect((pace.slices({ operations, bytes }) * SLICE_MS) / ms).toBeCloseTo(1, 1);
  }
});
