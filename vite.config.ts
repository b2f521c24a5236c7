import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { recordPackages } from './tools/build/bundled-packages.ts';

/** The page. One build serves both shells; `base: './'` lets it load from any origin path. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  plugins: [svelte(), recordPackages('page')],
  build: {
    outDir: '../out/page',
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    // It comes from this computer: one file is read sooner than several are asked for.
    chunkSizeWarningLimit: 1_280,
  },
});
