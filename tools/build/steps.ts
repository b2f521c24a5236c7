import { join } from 'node:path';
import { inProduction } from './in-production.ts';
import { type BuildStep, ROOT } from './stamp.ts';

/** Writes down which packages went into a bundle. */
const RECORDER = 'tools/build/bundled-packages.ts';

/** What `out/` is made of. A compiler is loaded only when its step has something to do. */
export const steps: readonly BuildStep[] = [
  {
    name: 'kernels',
    title: 'the compute kernels',
    inputs: [
      'src-worker/train/engine/cpu/kernels/assembly',
      'tools/tasks/build-kernels.ts',
      'tools/build/micro-kernel.ts',
      'package-lock.json',
    ],
    outputs: ['kernels', 'kernels-relaxed', 'kernels-wide'].map((name) => `out/worker/${name}.wasm`),
    run: async () => (await import('../tasks/build-kernels.ts')).buildKernels(),
  },
  {
    name: 'corpus',
    title: 'the training text',
    inputs: ['src-worker/train/pages', 'tools/tasks/pack-corpus.ts', 'package-lock.json'],
    outputs: ['out/assets/corpus/corpus.json'],
    run: async () => (await import('../tasks/pack-corpus.ts')).packCorpus(),
  },
  {
    name: 'icons',
    title: 'the icons',
    inputs: ['assets', 'tools/build/icons.ts', 'tools/build/icon-files.ts', 'package-lock.json'],
    outputs: [
      'out/icons/icon.ico',
      'out/icons/icon.icns',
      'out/assets/icon.png',
      'out/assets/tray/training.png',
      'out/assets/tray/trouble@2x.png',
    ],
    run: async () => (await import('./icons.ts')).drawIcons(),
  },
  {
    name: 'processes',
    title: 'the programs',
    inputs: [
      ...['src-main', 'src-worker', 'src-node', 'src-shared'],
      ...['rolldown.config.mjs', RECORDER, 'package-lock.json'],
    ],
    outputs: [
      'out/host/serve.js',
      'out/host/ask.js',
      'out/host/companion.js',
      'out/host/store-worker.js',
      'out/host/seal-thread.js',
      'out/host/lock-thread.js',
      'out/host/leash.js',
      'out/main/electron.js',
      'out/main/preload.cjs',
      'out/worker/train.js',
      'out/worker/train-pool.js',
      'out/worker/tensorflow-kit.js',
      'out/worker/swarm.js',
      'out/worker/devnet.js',
      'out/packages/host-serve.json',
    ],
    run: bundle,
  },
  {
    name: 'page',
    title: 'the page',
    inputs: ['src-renderer', 'src-shared', 'assets', 'vite.config.ts', RECORDER, 'package-lock.json'],
    outputs: ['out/page/index.html', 'out/packages/page.json'],
    run: () => buildPage('src-renderer', 'vite.config.ts'),
  },
  {
    name: 'signing',
    title: 'the signing window',
    inputs: ['src-renderer', 'src-shared', 'assets', 'vite.signing.config.ts', RECORDER, 'package-lock.json'],
    outputs: ['out/signing/index.html', 'out/packages/signing.json'],
    run: () => buildPage('src-renderer/signing', 'vite.signing.config.ts'),
  },
];

async function buildPage(root: string, configFile: string): Promise<void> {
  const { build } = await import('vite');
  const options = {
    root: join(ROOT, root),
    configFile: join(ROOT, configFile),
    logLevel: 'warn',
    // How long plugins take is no news to somebody who starts the program.
    build: { rolldownOptions: { checks: { pluginTimings: false } } },
  } as const;
  await inProduction(() => build(options));
}

async function bundle(): Promise<void> {
  const { build } = await import('rolldown');
  const config: { default: Parameters<typeof build>[0] } = await import(
    new URL('../../rolldown.config.mjs', import.meta.url).href
  );
  await build(config.default as never);
}
