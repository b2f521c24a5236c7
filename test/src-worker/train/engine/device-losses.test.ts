import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { describeError } from '../../../../src-shared/errors/app-error.ts';
import {
  afterLoss,
  type DeviceLosses,
  demandAlive,
  type Loss,
  LossMemory,
  measuresAt,
  noticeAt,
  remembered,
} from '../../../../src-worker/train/engine/device-losses.ts';
import { DEVICE_FORGIVEN_MS, DEVICE_LOSSES_WITHIN_MS } from '../../../../src-worker/train/engine/limits.ts';

const CARD = 'vulkan/a card';
const stepsOf = (losses: readonly number[], lost: Loss = 'device'): number[] => {
  let known: DeviceLosses | null = null;
  return losses.map((atMs) => {
    known = afterLoss(known, CARD, atMs, lost);
    return known.step;
  });
};

it('a loss alone changes nothing; each further one within ten minutes takes a step', () => {
  expect(stepsOf([0, 1, 2, 3, 4])).toEqual([0, 1, 2, 3, 3]);
  const apart = DEVICE_LOSSES_WITHIN_MS + 1;
  expect(stepsOf([0, apart, 2 * apart])).toEqual([0, 0, 0]);
  expect(stepsOf([0, DEVICE_LOSSES_WITHIN_MS, 2 * apart, 2 * apart + 1])).toEqual([0, 1, 1, 2]);
});

it('a driver that takes the process along is met with two steps at a time: the fourth start is the processor’s', () => {
  expect(stepsOf([0, 1, 2, 3], 'process')).toEqual([0, 2, 3, 3]);
  const apart = DEVICE_LOSSES_WITHIN_MS + 1;
  expect(stepsOf([0, apart, apart + 1], 'process')).toEqual([0, 0, 2]);
  expect(() => demandAlive(0, 'TensorFlow')).not.toThrow();
  expect(() => demandAlive(2, 'TensorFlow')).toThrow('ENGINE_DIED');
});

it('forgets what is long ago, of another card, or dated by a clock that was set back', () => {
  const losses = { device: CARD, lastMs: 1_000, step: 2, lost: 'device' } as const;
  expect(remembered(losses, CARD, 1_000 + DEVICE_FORGIVEN_MS)).toBe(losses);
  expect(remembered(losses, CARD, 1_001 + DEVICE_FORGIVEN_MS)).toBeNull();
  expect(remembered(losses, null, 1_001)).toBeNull();
  expect(remembered(losses, CARD, 999)).toBeNull();
  expect(afterLoss(losses, null, 1_001)).toEqual({
    ...{ device: null, lastMs: 1_001, step: 0, lost: 'device' },
  });
});

it('asks for less with each step: smaller passes, then 32 bits, then nothing', () => {
  expect(measuresAt(0, CARD, 5)).toEqual({ mostInPass: 5, isWithoutHalf: false });
  expect(measuresAt(1, CARD, 5)).toEqual({ mostInPass: 3, isWithoutHalf: false });
  expect(measuresAt(2, CARD, 5)).toEqual({ mostInPass: 2, isWithoutHalf: true });
  expect(() => measuresAt(3, CARD, 5)).toThrow('ENGINE_LOST_OFTEN');
  expect([0, 1, 2].map((step) => noticeAt({ step, lost: 'device' }, CARD)?.code)).toEqual([
    undefined,
    'ENGINE_SMALLER_PASSES',
    'ENGINE_WITHOUT_HALF',
  ]);
  const [gaveUp, crashed] = (['device', 'process'] as const).map(
    (lost) => describeError(noticeAt({ step: 2, lost }, CARD)!).sentence,
  );
  expect(gaveUp).toContain('gave it up');
  expect(crashed).toContain('crashed');
});

it('is remembered by the next process, and a damaged file is moved aside and told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'losses-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'not yet there', 'device-losses.json');
  const notice = vi.fn();
  const open = () => new LossMemory(path, { notice });
  expect((await open().standingOf(CARD)).step).toBe(0);
  await open().add(CARD);
  await open().add(CARD);
  expect((await open().standingOf(CARD)).step).toBe(1);
  expect((await open().standingOf(null)).step).toBe(0);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"step": 1', '"step": 2'));
  expect((await open().standingOf(CARD)).step).toBe(0);
  expect(notice).toHaveBeenCalledWith(expect.objectContaining({ code: 'FILE_DAMAGED' }));
});

it('what is tried stands in a file until it is over, and one that is found there counts as a loss', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'losses-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'device-losses.json');
  const mark = `${path}.trying`;
  const memory = () => new LossMemory(path, { notice: () => {} });
  const stop = new AbortController();
  let left = '';
  const done = await memory().trying(CARD, stop.signal, async () => {
    left = await readFile(mark, 'utf8');
    return 'done';
  });
  expect([done, existsSync(mark)]).toEqual(['done', false]);
  await expect(
    memory().trying(CARD, stop.signal, () => Promise.reject(new Error('refused'))),
  ).rejects.toThrow('refused');
  await memory().takeStock();
  expect([existsSync(mark), existsSync(path)]).toEqual([false, false]);

  // Whoever ends a process that starts does not leave it behind, even where the process exits at once.
  const started = Promise.withResolvers<void>();
  const cut = memory().trying(CARD, stop.signal, async () => {
    started.resolve();
    return Promise.withResolvers<never>().promise;
  });
  cut.catch(() => {});
  await started.promise;
  expect(existsSync(mark)).toBe(true);
  stop.abort();
  expect(existsSync(mark)).toBe(false);

  for (const step of [0, 2, 3]) {
    await writeFile(mark, left);
    await memory().takeStock();
    expect([await memory().standingOf(CARD), existsSync(mark)]).toMatchObject([
      { step, lost: 'process' },
      false,
    ]);
  }
});

it('a crash after the start counts as one in it, and one that left a mark counts once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'losses-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'device-losses.json');
  const memory = () => new LossMemory(path, { notice: () => {} });
  const inUse = { device: CARD };
  await memory().takeStock(inUse);
  expect(await memory().standingOf(CARD)).toMatchObject({ step: 0, lost: 'process' });
  await memory().takeStock(null);
  expect((await memory().standingOf(CARD)).step).toBe(0);
  await memory().takeStock(inUse);
  expect(await memory().standingOf(CARD)).toMatchObject({ step: 2, lost: 'process' });

  await rm(path);
  const stop = new AbortController();
  void memory().trying(CARD, stop.signal, () => Promise.withResolvers<never>().promise);
  await vi.waitUntil(() => existsSync(`${path}.trying`));
  await memory().takeStock(inUse);
  expect((await memory().standingOf(CARD)).step).toBe(0);
});
