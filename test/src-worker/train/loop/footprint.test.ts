import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { ramBytes } from '../../../../src-worker/train/footprint.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { dropRoot, Notices, newRoot } from '../state/rig.ts';
import { consensus, startRig } from './rig.ts';

beforeAll(buildKernels);

async function toldAtStart(freeRamBytes: number | null) {
  const root = await newRoot();
  onTestFinished(() => dropRoot(root));
  const told = new Notices();
  const { facts, stop } = await startRig(root, { told, freeRamBytes });
  await stop();
  return { facts, told };
}

test('a run that may take more memory than there is says so with its numbers, and begins', async () => {
  const { facts, told } = await toldAtStart(3 * 2 ** 20);
  const { ram, disk } = facts.footprint;
  expect(ram.bytes).toBe(ramBytes(parameterCount(consensus.model), facts.plan, true));
  expect(disk.freeBytes).toBeGreaterThan(disk.bytes);
  expect(told.errors).toEqual([
    expect.objectContaining({
      code: 'RAM_SHORT',
      params: { neededMib: Math.ceil(ram.bytes / 2 ** 20), freeMib: 3 },
    }),
  ]);
  expect(told.cleared).toEqual(['DISK_SHORT']);
});

test('where there is enough, or nobody can tell, nothing is said, and what was said before is taken back', async () => {
  for (const freeRamBytes of [2 ** 40, null]) {
    const { told } = await toldAtStart(freeRamBytes);
    expect([told.errors, told.cleared]).toEqual([[], ['RAM_SHORT', 'DISK_SHORT']]);
  }
});
