import { expect, it } from 'vitest';
import { peakOf } from '../../bench/engine/device/peaks.ts';

const row = (name: string, unit: string, value: number | null = 98_900) =>
  ({ section: 'product', name, value, unit, note: '' }) as const;

it('holds a product against the units that compute it, and a copy against the memory', () => {
  const on = (name: string, unit: string, value?: number) =>
    peakOf('NVIDIA H200', row(name, unit, value)).ofPeak;
  expect(on('NN 8x8x8 f16 G1', 'GFLOP/s')).toBeCloseTo(0.1, 10);
  expect(on('NN 8x8x8 f32 G1', 'GFLOP/s', 6_700)).toBeCloseTo(0.1, 10);
  expect(on('copy', 'GB/s', 2_400)).toBeCloseTo(0.5, 10);
});

it('says why there is no peak', () => {
  expect(peakOf('Somebody’s card', row('copy', 'GB/s'))).toEqual({
    ofPeak: null,
    peakNote: 'the peak of Somebody’s card is not known',
  });
  expect(peakOf('NVIDIA H200', row('gpt2-124m f16', 'tokens/s')).ofPeak).toBeNull();
  expect(peakOf('NVIDIA H200', row('copy', 'GB/s', null)).peakNote).toBe('not measured');
});
