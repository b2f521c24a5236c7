import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { recordPackages } from './tools/build/bundled-packages.ts';

/** The signing window: a bundle of its own, served from an origin of its own. Nothing of the page's screens is in it. */
export default defineConfig({
  root: 'src-renderer/signing',
  base: './',
  plugins: [svelte(), recordPackages('signing')],
  build: { outDir: '../../out/signing', emptyOutDir: true, target: 'es2024', assetsInlineLimit: 0 },
});
