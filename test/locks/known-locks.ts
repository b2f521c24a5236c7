import { fileURLToPath } from 'node:url';

/** Part of a project in which threads of the vault begin with keys that are known. */
export const knownLocks = {
  find: /^\.\/start-thread\.ts$/,
  replacement: fileURLToPath(new URL('./start-thread.ts', import.meta.url)),
};
export const bundledLocks = fileURLToPath(new URL('./bundled.ts', import.meta.url));
