import type { PeakedRow, Row } from './rows.ts';

/** What a card does at most, by its maker's data sheet: dense, without sparsity. */
interface Peak {
  /** In the name that a driver gives. */
  readonly name: RegExp;
  /** Products of float16 that are added up in float32 by matrix units, and of float32 by its other units, in TFLOP/s. */
  readonly f16: number;
  readonly f32: number;
  /** Memory, in GB/s. */
  readonly memory: number;
}

/** The more particular name stands first. */
const PEAKS: readonly Peak[] = [
  { name: /H200 NVL/, f16: 835, f32: 60, memory: 4800 },
  { name: /H200/, f16: 989, f32: 67, memory: 4800 },
  { name: /H100 PCIe/, f16: 756, f32: 51, memory: 2000 },
  { name: /H100/, f16: 989, f32: 67, memory: 3350 },
  { name: /A100.*80/, f16: 312, f32: 19.5, memory: 2039 },
  { name: /A100/, f16: 312, f32: 19.5, memory: 1555 },
  { name: /RTX 4090(?! (D|Laptop))/, f16: 165.2, f32: 82.6, memory: 1008 },
  { name: /RTX 3090(?! Ti)/, f16: 71.2, f32: 35.6, memory: 936 },
  { name: /Tesla T4|\bT4\b/, f16: 65, f32: 8.1, memory: 320 },
];

/** What part of a card's peak a row came to. */
export function peakOf(card: string, row: Row): Pick<PeakedRow, 'ofPeak' | 'peakNote'> {
  const without = (peakNote: string) => ({ ofPeak: null, peakNote });
  if (row.value === null) return without('not measured');
  const known = PEAKS.find(({ name }) => name.test(card));
  if (!known) return without(`the peak of ${card} is not known`);
  if (row.unit === 'GB/s') return { ofPeak: row.value / known.memory, peakNote: `${known.memory} GB/s` };
  if (row.unit !== 'GFLOP/s') return without('a rate of tokens has no peak');
  const tflops = /\b(f16|float16|bfloat16)\b/.test(row.name) ? known.f16 : known.f32;
  return { ofPeak: row.value / (1000 * tflops), peakNote: `${tflops} TFLOP/s` };
}
