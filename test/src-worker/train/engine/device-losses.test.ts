import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import {
  afterLoss,
  type DeviceLosses,
  LossMemory,
  measuresAt,
  noticeAt,
  remembered,
} from '../../../../src-worker/train/engine/device-losses.ts';
import { DEVICE_FORGIVEN_MS, DEVICE_LOSSES_WITHIN_MS } from '../../../../src-worker/train/engine/limits.ts';

const CARD = 'vulkan/a card';
const stepsOf = (losses: readonly number[], device: string | null = CARD): number[] => {
  let known: DeviceLosses | null = null;
  return losses.map((atMs) => {
    known = afterLoss(known, device, atMs);
    return known.step;
  });
};

it('a loss alone changes nothing; each further one within ten minutes takes a step', () => {
  expect(stepsOf([0, 1, 2, 3, 4])).toEqual([0, 1, 2, 3, 3]);
  const apart = DEVICE_LOSSES_WITHIN_MS + 1;
  expect(stepsOf([0, apart, 2 * apart])).toEqual([0, 0, 0]);
  expect(stepsOf([0, DEVICE_LOSSES_WITHIN_MS, 2 * apart, 2 * apart + 1])).toEqual([0, 1, 1, 2]);
});

it('forgets what is long ago, of another card, or dated by a clock that was set back', () => {
  const losses = { device: CARD, lastMs: 1_000, step: 2 };
  expect(remembered(losses, CARD, 1_000 + DEVICE_FORGIVEN_MS)).toBe(losses);
  expect(remembered(losses, CARD, 1_001 + DEVICE_FORGIVEN_MS)).toBeNull();
  expect(remembered(losses, null, 1_001)).toBeNull();
  expect(remembered(losses, CARD, 999)).toBeNull();
  expect(afterLoss(losses, null, 1_001)).toEqual({ device: null, lastMs: 1_001, step: 0 });
});

it('asks for less with each step: smaller passes, then 32 bits, then nothing', () => {
  expect(measuresAt(0, CARD, 5)).toEqual({ mostInPass: 5, isWithoutHalf: false });
  expect(measuresAt(1, CARD, 5)).toEqual({ mostInPass: 3, isWithoutHalf: false });
  expect(measuresAt(2, CARD, 5)).toEqual({ mostInPass: 2, isWithoutHalf: true });
  expect(() => measuresAt(3, CARD, 5)).toThrow('ENGINE_LOST_OFTEN');
  expect([0, 1, 2].map((step) => noticeAt(step, CARD)?.code)).toEqual([
    undefined,
    'ENGINE_SMALLER_PASSES',
    'ENGINE_WITHOUT_HALF',
  ]);
});

it('is remembered by the next process, and a damaged file is moved aside and told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'losses-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'not yet there', 'device-losses.json');
  const notice = vi.fn();
  const open = () => new LossMemory(path, { notice });
  expect(await open().stepOf(CARD)).toBe(0);
  await open().add(CARD);
  await open().add(CARD);
  expect(await open().stepOf(CARD)).toBe(1);
  expect(await open().stepOf(null)).toBe(0);
  await writeFile(path, (await readFile(path, 'utf8')).replace('"step": 1', '"step": 2'));
  expect(await open().stepOf(CARD)).toBe(0);
  expect(notice).toHaveBeenCalledWith(expect.objectContaining({ code: 'FILE_DAMAGED' }));
});
