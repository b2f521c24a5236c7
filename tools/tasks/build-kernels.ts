/**
 * Compiles the CPU kernels to out/worker/kernels.wasm, and once more with relaxed SIMD (fused multiply-add)
 * to out/worker/kernels-relaxed.wasm. Does nothing while both are newer than every source.
 */
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = join(ROOT, 'src-worker/train/engine/cpu/kernels/assembly');
const OUT = join(ROOT, 'out/worker');
const VARIANTS = [
  { file: 'kernels.wasm', features: ['simd', 'threads', 'bulk-memory'] },
  { file: 'kernels-relaxed.wasm', features: ['simd', 'relaxed-simd', 'threads', 'bulk-memory'] },
] as const;
/** 4 GiB: the module accepts any memory up to what WASM can address. */
const MAXIMUM_PAGES = 65_536;

export async function buildKernels(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const newest = Math.max(
    statSync(fileURLToPath(import.meta.url)).mtimeMs,
    ...readdirSync(SOURCES).map((name) => statSync(join(SOURCES, name)).mtimeMs),
  );
  for (const { file, features } of VARIANTS) {
    const target = join(OUT, file);
    if ((statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) continue;
    // Tests build at the same time in several processes: each replaces the whole file or nothing.
    const draft = `${target}.${process.pid}`;
    writeFileSync(draft, await compile(features));
    renameSync(draft, target);
  }
}

async function compile(features: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      ...['--outFile', 'kernels.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--baseDir', SOURCES],
      ...[
        '--importMemory',
        '--sharedMemory',
        '--initialMemory',
        '1',
        '--maximumMemory',
        String(MAXIMUM_PAGES),
      ],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {
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
