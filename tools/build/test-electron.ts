import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { electronBinary } from './electron-runtime.ts';

/** An Electron that tests may start, and what it needs of ours to be replaced. */
export interface TestElectron {
  /** Folder with the program and all that lies beside it. */
  readonly dist: string;
  readonly binary: string;
  /** Folder of node_modules whose `libsql` stands in for our `better-sqlite3`; null where our own runs in it. */
  readonly sqlite: string | null;
}

/** Where `npm run fetch-electron` puts one; outside the tree, since it is nothing of the app. */
export const TEST_ELECTRON_CACHE = join(homedir(), '.cache', 'butterfly', 'test-electron');

export const ELECTRON_MISSING =
  'No Electron runtime is here, so its test did not run. BUTTERFLY_ELECTRON_DIST names one, and npm run fetch-electron fetches an older one for tests (Linux, 200 MB).';

/** Whoever sets it to 1 lets an older Electron of another publisher be fetched for tests where Electron's own cannot be had. */
export const TEST_ELECTRON_WISH = 'BUTTERFLY_TEST_ELECTRON';

/** One that is named, the installed one, or the one that was fetched for tests. */
export function findTestElectron(): TestElectron | null {
  const named = process.env.BUTTERFLY_ELECTRON_DIST;
  if (named) return existsSync(join(named, 'electron')) ? at(named, null) : null;
  const installed = electronBinary();
  if (installed) return { dist: join(installed, '..'), binary: 'electron', sqlite: null };
  const fetched = join(TEST_ELECTRON_CACHE, 'dist');
  return existsSync(join(fetched, 'electron'))
    ? at(fetched, join(TEST_ELECTRON_CACHE, 'sqlite', 'node_modules'))
    : null;
}

const at = (dist: string, sqlite: string | null): TestElectron => ({ dist, binary: 'electron', sqlite });
