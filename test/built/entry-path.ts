import { fileURLToPath } from 'node:url';
// Written with a dot in it, so that it is not this file again.
import { builtEntry, type EntryName } from '../../src-main/./entry-path.ts';

export * from '../../src-main/./entry-path.ts';

/**
 * What tests start is built, as users have it: each process and thread is one file. From sources it reads hundreds, with
 * types to strip, and a child needed a second of a processor before it could answer.
 */
export const entryUrl = (name: EntryName): URL =>
  new URL(builtEntry(name), new URL('../../out/host/serve.js', import.meta.url));

export const entryPath = (name: EntryName): string => fileURLToPath(entryUrl(name));
