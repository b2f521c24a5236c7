import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';
import type * as CpuEngineModule from '../../../../src-worker/train/engine/cpu/create.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { TINY, testBatch, testWeights } from './support.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

async function bundle(folder: string, source: string, name: string): Promise<string> {
  const build = await rolldown({
    input: join(ROOT, source),
    platform: 'node',
    external: [/^node:/],
    logLevel: 'silent',
  });
  const file = join(folder, name);
  await build.write({ file, format: 'esm', codeSplitting: false });
  await build.close();
  return file;
}

it('finds its kernels and its pool beside the bundle, as in an installed app', async () => {
  await buildKernels();
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  try {
    for (const name of ['kernels.wasm', 'kernels-relaxed.wasm', 'kernels-wide.wasm']) {
      await copyFile(join(ROOT, 'out/worker', name), join(folder, name));
    }
    await bundle(folder, 'src-worker/train/engine/cpu/pool-worker.ts', 'train-pool.js');
    const file = await bundle(folder, 'src-worker/train/engine/cpu/create.ts', 'train.mjs');
    const { createCpuEngine } = (await import(pathToFileURL(file).href)) as typeof CpuEngineModule;
    const engine = await createCpuEngine(TINY, { maxSequences: 1, threads: 2 });
    await engine.load(testWeights(TINY));
    const [loss] = await engine.losses([testBatch(TINY, 1)]);
    await engine.dispose();
    expect(loss).toBeGreaterThan(1);
    expect(loss).toBeLessThan(20);
  } finally {
    await rm(folder, { recursive: true });
  }
});
