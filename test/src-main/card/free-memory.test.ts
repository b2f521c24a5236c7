import { expect, it } from 'vitest';
import { freeMemory, freeOnCard } from '../../../src-main/card/free-memory.ts';
import type { CardSensors } from '../../../src-shared/contract/page/card.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';

const GIB = 2 ** 30;
const card = (name: string, memoryBytes: number | null, usedBytes: number | null): CardSensors => ({
  ...{ vendor: 'nvidia', name, memoryBytes, usedBytes, celsius: null, watts: null, busy: null, fan: null },
});
const geforce = card('GeForce RTX 3060', 12 * GIB, 2 * GIB);

it('of a card training may take what nobody uses, less what the desktop is left', () => {
  expect(freeMemory('vulkan/GeForce RTX 3060', [geforce])).toBe(9.5 * GIB);
  expect(freeMemory('vulkan/GeForce RTX 3060', [card('GeForce RTX 3060', GIB, GIB)])).toBe(0);
});

it('is not known where no sensor tells, or nobody knows which card it is', () => {
  expect(freeMemory('vulkan/Radeon', [geforce])).toBeNull();
  expect(freeMemory('vulkan/GeForce RTX 3060', [card('GeForce RTX 3060', 12 * GIB, null)])).toBeNull();
  expect(freeMemory(null, [geforce, card('GeForce RTX 4090', 24 * GIB, 0)])).toBeNull();
  expect(freeMemory(null, [geforce])).toBe(9.5 * GIB);
  expect(freeMemory(null, [])).toBeNull();
});

it('is not known of a chip that shares the memory of the computer, whatever its sensors say', () => {
  const carved = { ...card('', GIB / 2, GIB / 8), vendor: 'amd' as const, name: null };
  expect(freeMemory('vulkan/AMD Radeon Graphics (RADV RENOIR)', [carved])).toBeNull();
  expect(freeMemory('vulkan/AMD something new', [carved])).toBeNull();
  expect(freeMemory(null, [carved])).toBeNull();
  expect(freeMemory('vulkan/AMD Radeon RX 7900 XTX (RADV NAVI31)', [{ ...carved, memoryBytes: GIB }])).toBe(
    (3 / 8) * GIB,
  );
});

it('of a processor nobody asks sensors', async () => {
  const sensors = { read: () => Promise.reject(new Error('asked')) };
  expect(await freeOnCard(sensors, onProcessor(1), AbortSignal.timeout(1_000))).toBeNull();
});
