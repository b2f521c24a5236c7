import { afterEach, expect, it, vi } from 'vitest';
import { controllers } from '../../../../src-worker/train/survey/controllers.ts';

const inventory = vi.hoisted(() => ({ graphics: vi.fn() }));
vi.mock('systeminformation', () => inventory);
afterEach(() => {
  inventory.graphics.mockReset();
  vi.restoreAllMocks();
});

it('the inventory of a system without files to read cards from is taken over, and what it does not know left out', async () => {
  inventory.graphics.mockResolvedValue({
    controllers: [
      { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 3060', vram: 12_288 },
      { vendor: 'Intel Corporation', model: 'Intel(R) UHD Graphics 770', vram: null },
      { vendor: undefined, model: 'x'.repeat(5_000), vram: Number.NaN },
      { vendor: 'Apple', model: 'Apple M3', vram: -1 },
    ],
    displays: [],
  });
  expect(await controllers('win32')).toEqual([
    { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 3060', memoryBytes: 12 * 2 ** 30 },
    { vendor: 'Intel Corporation', model: 'Intel(R) UHD Graphics 770', memoryBytes: null },
    { vendor: '', model: 'x'.repeat(512), memoryBytes: null },
    { vendor: 'Apple', model: 'Apple M3', memoryBytes: null },
  ]);
});

it('an inventory that fails, and a system that needs none, cost nothing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  inventory.graphics.mockRejectedValue(new Error('no PowerShell'));
  expect(await controllers('darwin')).toEqual([]);
  expect(inventory.graphics).toHaveBeenCalledTimes(1);
  expect(await controllers('linux')).toEqual([]);
  expect(inventory.graphics).toHaveBeenCalledTimes(1);
});
