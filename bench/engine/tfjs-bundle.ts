import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = '\0tfjs';

/** What every backend of tfjs shares. */
export type Core = typeof import('@tensorflow/tfjs-core');
type Wasm = typeof import('@tensorflow/tfjs-backend-wasm');
export type Tfjs = Core & { readonly wasm: Wasm };

/** What a graphics card's backend is made from; its package is not among our dependencies. */
export type TfjsOnCard = Core & {
  readonly webgpu: { readonly WebGPUBackend: new (device: GPUDevice, info: GPUAdapterInfo) => KernelBackend };
};
type KernelBackend = import('@tensorflow/tfjs-core').KernelBackend;

/**
 * tfjs as one file. Its entry for Node comes without gradients, and these register themselves with the
 * module instance they import, so core, gradients and backend must be bundled from their ES modules.
 */
export async function loadTfjs(): Promise<Tfjs> {
  const tfjs = (await bundled(ROOT, 'wasm')) as Tfjs;
  tfjs.wasm.setWasmPaths(join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
  return tfjs;
}

/** @param folder whose node_modules hold tfjs-core and its backend for graphics cards */
export const loadTfjsOnCard = (folder: string): Promise<TfjsOnCard> =>
  bundled(folder, 'webgpu') as Promise<TfjsOnCard>;

async function bundled(cwd: string, backend: 'wasm' | 'webgpu'): Promise<Core> {
  const bundle = await rolldown({
    input: ENTRY,
    cwd,
    platform: 'node',
    logLevel: 'silent',
    resolve: { mainFields: ['module', 'main'] },
    plugins: [
      {
        name: 'tfjs-entry',
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) =>
          id === ENTRY
            ? [
                "import '@tensorflow/tfjs-core/dist/register_all_gradients.js';",
                "export * from '@tensorflow/tfjs-core';",
                `export * as ${backend} from '@tensorflow/tfjs-backend-${backend}';`,
              ].join('\n')
            : null,
      },
    ],
  });
  const file = join(ROOT, `out/bench/tfjs-${backend}.cjs`);
  await bundle.write({ file, format: 'cjs', codeSplitting: false });
  await bundle.close();
  return createRequire(import.meta.url)(file) as Core;
}
