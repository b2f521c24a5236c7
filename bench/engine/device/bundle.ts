import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from '../../../tools/build/stamp.ts';

const FOLDER = join(ROOT, 'out/bench/device');

/** The script and the one package that it needs, for this platform, in a folder that can be carried elsewhere. */
async function bundleDeviceBench(): Promise<string> {
  await rm(FOLDER, { recursive: true, force: true });
  const bundle = await rolldown({
    input: join(ROOT, 'bench/engine/device/main.ts'),
    platform: 'node',
    external: [/^node:/, 'webgpu'],
    logLevel: 'silent',
  });
  const file = join(FOLDER, 'device.mjs');
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  const platform = process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
  for (const part of ['index.js', 'package.json', 'LICENSE.md', `dist/${platform}`]) {
    const target = join(FOLDER, 'node_modules/webgpu', part);
    await mkdir(join(target, '..'), { recursive: true });
    await cp(join(ROOT, 'node_modules/webgpu', part), target, { recursive: true });
  }
  return file;
}

/** Makes the script and runs it here. @returns its exit code */
export async function runDeviceBench(words: readonly string[]): Promise<number> {
  const file = await bundleDeviceBench();
  const child = spawn(process.execPath, [file, ...words], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
