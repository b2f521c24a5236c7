import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adapterBackends,
  adapterKey,
  adapterOfKey,
  isSameName,
  kindOf,
  makerOf,
} from '../../../src-shared/cards/adapter.ts';
import { memoryOf, sensorsOf } from '../../../src-shared/cards/sensors.ts';
import type { CardSensors } from '../../../src-shared/contract/page/card.ts';

describe('the key of an adapter', () => {
  it('gives it back, whatever its name', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...adapterBackends),
        fc.string({ minLength: 1, maxLength: 512 }),
        (backend, name) => {
          expect(adapterOfKey(adapterKey({ backend, name }))).toEqual({ backend, name });
        },
      ),
    );
  });

  it.each(['', 'vulkan', 'vulkan/', 'opengl/GeForce', '/GeForce', `vulkan/${'x'.repeat(700)}`])(
    'is none where it is %j',
    (key) => {
      expect(adapterOfKey(key)).toBeNull();
    },
  );
});

it('names of one card agree however a driver writes them', () => {
  expect(isSameName('llvmpipe (LLVM 15.0.6, 256 bits)', 'llvmpipe-llvm-15-0-6-256-bits-')).toBe(true);
  expect(isSameName('NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti')).toBe(false);
});

it.each([
  ['nvidia', 'NVIDIA GeForce RTX 3060', 'discrete'],
  ['nvidia', 'Orin (nvgpu)', 'integrated'],
  ['amd', 'AMD Radeon RX 7900 XTX (RADV NAVI31)', 'discrete'],
  ['amd', 'AMD Radeon RX Vega 11 Graphics (RADV RAVEN)', 'integrated'],
  ['amd', 'AMD Radeon Graphics (RADV RENOIR)', 'integrated'],
  ['amd', 'AMD Radeon 780M (RADV PHOENIX)', 'integrated'],
  ['amd', 'AMD Radeon(TM) Graphics', 'integrated'],
  ['amd', 'AMD Instinct MI210', 'discrete'],
  ['amd', 'AMD Custom GPU', null],
  ['intel', 'Intel(R) UHD Graphics 770 (ADL-S GT1)', 'integrated'],
  ['intel', 'Intel(R) Arc(tm) A770 Graphics (DG2)', 'discrete'],
  ['intel', 'Intel(R) Arc(TM) B580 Graphics', 'discrete'],
  ['intel', 'Intel(R) Arc(tm) Graphics (MTL)', 'integrated'],
  ['apple', 'Apple M3 Pro', 'integrated'],
  ['qualcomm', 'Adreno (TM) 740', 'integrated'],
  ['', 'Something else', null],
])('a card of %s named %s is %s', (vendor, name, kind) => {
  expect(kindOf({ vendor, name, isSoftware: false })).toBe(kind);
});

describe('sensors', () => {
  const sensors = (
    vendor: CardSensors['vendor'],
    name: string | null,
    memoryBytes: number | null,
  ): CardSensors => ({
    ...{ vendor, name, memoryBytes, celsius: 50, watts: null, usedBytes: null, busy: null, fan: null },
  });
  const nvidia = { name: 'NVIDIA GeForce RTX 3060', vendor: 'nvidia' };
  const radeon = { name: 'AMD Radeon RX 7900 XTX (RADV NAVI31)', vendor: 'amd' };

  it('are those of the card’s name, or the only ones of its maker that have none', () => {
    const own = sensors('nvidia', 'NVIDIA GeForce RTX 3060', 1);
    const amd = sensors('amd', null, 2);
    const all = [sensors('nvidia', 'NVIDIA GeForce RTX 4090', 3), own, amd, sensors('intel', null, 4)];
    expect(sensorsOf(nvidia, all)).toBe(own);
    expect(sensorsOf(radeon, all)).toBe(amd);
    expect(makerOf('', radeon.name)).toBe('amd');
  });

  it('of two alike are nobody’s, though their memory may be known', () => {
    const twin = sensors('nvidia', nvidia.name, 12);
    expect(sensorsOf(nvidia, [twin, { ...twin, celsius: 60 }])).toBeNull();
    expect(memoryOf(nvidia, [twin, twin])).toBe(12);
    expect(memoryOf(radeon, [sensors('amd', null, 8), sensors('amd', null, 16)])).toBeNull();
    expect(memoryOf(radeon, [twin])).toBeNull();
  });
});
