import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = '\0tfjs';

type Core = typeof import('@tensorflow/tfjs-core');
type Wasm = typeof import('@tensorflow/tfjs-backend-wasm');
export type Tfjs = Core & { readonly wasm: Wasm };

/**
 * tfjs as one file. Its entry for Node comes without gradients, and these register themselves with the
 * module instance they import, so core, gradients and backend must be bundled from their ES modules.
 */
export async function loadTfjs(): Promise<Tfjs> {
  const bundle = await rolldown({
    input: ENTRY,
    cwd: ROOT,
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
                "export * as wasm from '@tensorflow/tfjs-backend-wasm';",
              ].join('\n')
            : null,
      },
    ],
  });
  const file = join(ROOT, 'out/bench/tfjs.cjs');
  await bundle.write({ file, format: 'cjs', codeSplitting: false });
  await bundle.close();
  const tfjs = createRequire(import.meta.url)(file) as Tfjs;
  tfjs.wasm.setWasmPaths(join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
  return tfjs;
}
