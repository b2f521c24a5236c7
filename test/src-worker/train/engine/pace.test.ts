import { beforeEach, expect, it, vi } from 'vitest';
import type { GpuDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pace } from '../../../../src-worker/train/engine/gpu/pace.ts';

/** A clock that goes when somebody sleeps, and when the device is asked for what is not done yet. */
const clock = vi.hoisted(() => ({ nowMs: 0, sleptMs: 0 }));
vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    clock.nowMs += ms;
    clock.sleptMs += ms;
  },
}));

/** A device that does `perMs` operations in a millisecond, one slice after the other. */
function device(perMs: number) {
  let doneMs = 0;
  const busy = { workedMs: 0, askedMs: 0, slices: [] as number[] };
  const queue = {
    submit([{ work }]: [{ work: number }]) {
      doneMs = Math.max(doneMs, clock.nowMs) + work / perMs;
      busy.workedMs += work / perMs;
      busy.slices.push(work / perMs);
    },
    async onSubmittedWorkDone() {
      busy.askedMs += Math.max(0, doneMs - clock.nowMs);
      clock.nowMs = Math.max(clock.nowMs, doneMs);
    },
  };
  const gpu = { device: { queue }, answer: (work: Promise<unknown>) => work } as unknown as GpuDevice;
  return { gpu, busy };
}

beforeEach(() => {
  Object.assign(clock, { nowMs: 0, sleptMs: 0 });
  vi.spyOn(performance, 'now').mockImplementation(() => clock.nowMs);
});

const submit = async (pace: Pace, slices: number) => {
  for (let i = 0; i < slices; i += 1) {
    const work = pace.sliceWork;
    await pace.submit({ work } as unknown as GPUCommandBuffer, work);
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
