/**
 * What a graphics card does with the engine: one file that runs wherever Node and a driver are, without a screen and
 * without anything of the network. `node device.mjs --out FOLDER [--tokens 8192] [--flag backend=vulkan]...`
 */
import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type GpuDevice, openDevice } from '../../../src-worker/train/engine/gpu/device.ts';
import { MATRIX_TOGGLE } from '../../../src-worker/train/engine/gpu/wgsl/subgroup-matrix.ts';
import { describeMachine } from '../../report/figures.ts';
import { cardStreams } from '../streams.ts';
import { measureCurve } from './curve.ts';
import { measureKernels } from './kernels.ts';
import { peakOf } from './peaks.ts';
import { measureMatrices, measureProducts } from './products.ts';
import { csv, csvLine, lineOf, type Row } from './rows.ts';
import { measureTorch } from './torch.ts';
import { measureTraining } from './training.ts';

/** Tokens of a product: a micro-batch of eight sequences, less on a processor that plays a card. */
const TOKENS = 8_192;
const TOKENS_SOFTWARE = 256;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    tokens: { type: 'string' },
    flag: { type: 'string', multiple: true },
  },
});
if (!values.out) throw new Error('where to? --out FOLDER');
const folder = resolve(values.out);
await mkdir(folder, { recursive: true });

// Matrix units as well, which nothing else makes use of before a run like this one is recorded.
const gpu = await openDevice({ flags: withMatrices(values.flag ?? []), isUnproven: true });
const device = factsOf(gpu);
console.log(JSON.stringify(device, null, 2));

const rows: Row[] = [];
// As they come: a driver that ends the process takes none of what was measured along.
const kept = join(folder, 'device.csv');
await writeFile(kept, csv([]));
const told = (measured: Row) => {
  const row = { ...measured, ...peakOf(gpu.facts.name, measured) };
  rows.push(row);
  appendFileSync(kept, csvLine(row));
  console.log(lineOf(row));
};
const tokens = Number(values.tokens ?? (gpu.facts.isSoftware ? TOKENS_SOFTWARE : TOKENS));
await orNote('stream', measureStreams);
await orNote('kernel', () => measureKernels(gpu, told));
await orNote('training', () => measureTraining(gpu, told));
await orNote('product', () => measureProducts(gpu, tokens, told));
await orNote('product', () => measureMatrices(gpu, tokens, told));
await orNote('curve', () => measureCurve(gpu, folder, told));
await orNote('torch', () => measureTorch(told));

const report = { machine: describeMachine(), device, rows };
await writeFile(join(folder, 'device.json'), `${JSON.stringify(report, null, 2)}\n`);
console.log(`written to ${folder}`);
// Dawn keeps the process alive for as long as it is there.
process.exit(0);

async function measureStreams(): Promise<void> {
  const { step, copy, ratio, ownCopy } = await cardStreams(gpu);
  const row = { section: 'stream', unit: 'GB/s', note: '' } as const;
  if (ownCopy) told({ ...row, name: 'its own copy', value: ownCopy / 1e6 });
  told({ ...row, name: 'a shader that copies', value: copy / 1e6 });
  const note = `${ratio.toFixed(2)} of a shader that copies`;
  told({ section: 'stream', name: 'norm and AdamW', value: step / 1e6, unit: 'GB/s', note });
}

/** What fails costs its own section alone. */
async function orNote(section: Row['section'], measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } catch (thrown) {
    told({ section, name: 'the rest', value: null, unit: '', note: String(thrown) });
  }
}

/** All that a driver tells of its card. */
function factsOf({ device, facts }: GpuDevice) {
  const info = device.adapterInfo as GPUAdapterInfo & { readonly subgroupMatrixConfigs?: readonly object[] };
  const limits: Record<string, number> = {};
  for (const name in device.limits) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  return {
    ...facts,
    vendor: info.vendor,
    architecture: info.architecture,
    description: info.description,
    subgroups: [info.subgroupMinSize, info.subgroupMaxSize],
    subgroupMatrices: info.subgroupMatrixConfigs ?? [],
    features: [...device.features].sort(),
    limits,
  };
}

/** What Dawn has to be told for matrix units, unless it is told something of that kind already. */
function withMatrices(flags: readonly string[]): readonly string[] {
  const isTold = flags.some((flag) => flag.startsWith('enable-dawn-features='));
  return isTold ? flags : [...flags, `enable-dawn-features=${MATRIX_TOGGLE}`];
}
