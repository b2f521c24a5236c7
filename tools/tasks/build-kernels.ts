/**
 * Compiles the CPU kernels to out/worker/kernels.wasm, once more with relaxed SIMD (fused multiply-add) to
 * kernels-relaxed.wasm, and with tiles for vectors of twice the width to kernels-wide.wasm (decision 0019). Does
 * nothing while all are newer than every source.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { microKernelSource, type Tile } from '../build/micro-kernel.ts';

type Variant = { readonly file: string; readonly features: readonly string[]; readonly tile: Tile };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = join(ROOT, 'src-worker/train/engine/cpu/kernels/assembly');
const OUT = join(ROOT, 'out/worker');
const BASE = ['simd', 'threads', 'bulk-memory'] as const;
/** Tiles as large as the registers: V8 hands out 15, one of which each product that is not fused needs for itself. */
const VARIANTS: readonly Variant[] = [
  { file: 'kernels.wasm', features: BASE, tile: { rows: 4, vectors: 2 } },
  { file: 'kernels-relaxed.wasm', features: [...BASE, 'relaxed-simd'], tile: { rows: 6, vectors: 2 } },
  { file: 'kernels-wide.wasm', features: [...BASE, 'relaxed-simd'], tile: { rows: 6, vectors: 4 } },
];
/** Generated for each variant. */
const TILE_SOURCE = 'tile.ts';
/** 4 GiB: the module accepts any memory up to what WASM can address. */
const MAXIMUM_PAGES = 65_536;
/** Where constants of the kernels lie: the memory plan of the engine keeps the first KiB free for them. */
const KERNEL_CONSTANTS = 256;

export async function buildKernels(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const newest = Math.max(
    ...[import.meta.url, new URL('../build/micro-kernel.ts', import.meta.url)].map(
      (url) => statSync(fileURLToPath(url)).mtimeMs,
    ),
    ...readdirSync(SOURCES).map((name) => statSync(join(SOURCES, name)).mtimeMs),
  );
  for (const variant of VARIANTS) {
    const target = join(OUT, variant.file);
    if ((statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) continue;
    // Tests build at the same time in several processes: each replaces the whole file or nothing.
    const draft = `${target}.${process.pid}`;
    writeFileSync(draft, await compile(variant));
    renameSync(draft, target);
  }
}

async function compile({ features, tile }: Variant): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      ...['--outFile', 'kernels.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--baseDir', SOURCES],
      ...[
        '--importMemory',
        '--sharedMemory',
        '--memoryBase',
        String(KERNEL_CONSTANTS),
        '--initialMemory',
        '1',
        '--maximumMemory',
        String(MAXIMUM_PAGES),
      ],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {
      readFile: (name, folder) => {
        if (basename(name) === TILE_SOURCE) return microKernelSource(tile);
        const file = join(folder, name);
        return existsSync(file) ? readFileSync(file, 'utf8') : null;
      },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
    },
  );
  if (error || !binary)
    throw new Error(`The kernels do not compile: ${error?.message ?? ''}\n${stderr.toString()}`);
  return binary;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await buildKernels();
