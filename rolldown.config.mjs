import { defineConfig } from 'rolldown';
import { recordPackages } from './tools/build/bundled-packages.ts';

/** Every process is one file, so that an installed app needs no node_modules beside the native addon. */
const entries = {
  'host/serve': 'src-main/serve.ts',
  'host/ask': 'src-main/ask.ts',
  'host/companion': 'src-main/practice/companion.ts',
  'host/store-worker': 'src-main/store/worker.ts',
  'host/lock-thread': 'src-main/vault/locked/thread.ts',
  'host/seal-thread': 'src-main/scoring/seal-thread.ts',
  'host/leash': 'src-main/engines/leash.ts',
  'main/electron': 'src-main/electron.ts',
  'worker/train': 'src-worker/train/entry.ts',
  'worker/train-pool': 'src-worker/train/engine/cpu/pool-worker.ts',
  'worker/train-text': 'src-worker/train/pages/text-thread.ts',
  'worker/benchmark': 'src-worker/train/benchmark/entry.ts',
  'worker/survey': 'src-worker/train/survey/entry.ts',
  'worker/model': 'src-worker/train/interchange/entry.ts',
  'worker/tensorflow-kit': 'src-worker/train/tensorflow-kit/entry.ts',
  'worker/publish': 'src-worker/publish/entry.ts',
  'worker/swarm': 'src-worker/swarm/entry.ts',
  'worker/devnet': 'src-worker/devnet/entry.ts',
};

/** A sandboxed preload cannot be a module. */
const scripts = { 'main/preload': 'src-main/shells/electron/preload.ts' };

const bundle =
  (format, extension) =>
  ([name, input]) => ({
    input: { [name]: input },
    platform: 'node',
    plugins: [recordPackages(name)],
    external: [/^node:/, 'better-sqlite3', 'electron', 'webgpu'],
    output: {
      dir: 'out',
      format,
      entryFileNames: `[name].${extension}`,
      codeSplitting: false,
      minify: { mangle: false, compress: true, codegen: { removeWhitespace: false } },
      sourcemap: false,
    },
  });

export default defineConfig([
  ...Object.entries(entries).map(bundle('esm', 'js')),
  ...Object.entries(scripts).map(bundle('cjs', 'cjs')),
]);
