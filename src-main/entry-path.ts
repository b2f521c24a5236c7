import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Where our other programs lie. Run from sources they are TypeScript files; in a build each is one file under `out/`,
 * and the host's own bundle lies one folder below it. An installed app keeps `out/` in an archive that only Electron can
 * read, and what a plain Node runs or reads in a folder beside it.
 */
const entries = {
  serve: { source: './serve.ts', built: '../host/serve.js' },
  'store-worker': { source: './store/worker.ts', built: '../host/store-worker.js' },
  'seal-thread': { source: './scoring/seal-thread.ts', built: '../host/seal-thread.js' },
  'lock-thread': { source: './vault/locked/thread.ts', built: '../host/lock-thread.js' },
  leash: { source: './engines/leash.ts', built: '../host/leash.js' },
  train: { source: '../src-worker/train/entry.ts', built: '../worker/train.js' },
  benchmark: { source: '../src-worker/train/benchmark/entry.ts', built: '../worker/benchmark.js' },
  survey: { source: '../src-worker/train/survey/entry.ts', built: '../worker/survey.js' },
  model: { source: '../src-worker/train/interchange/entry.ts', built: '../worker/model.js' },
  'tensorflow-kit': {
    source: '../src-worker/train/tensorflow-kit/entry.ts',
    built: '../worker/tensorflow-kit.js',
  },
  publish: { source: '../src-worker/publish/entry.ts', built: '../worker/publish.js' },
  swarm: { source: '../src-worker/swarm/entry.ts', built: '../worker/swarm.js' },
  companion: { source: './practice/companion.ts', built: '../host/companion.js' },
  devnet: { source: '../src-worker/devnet/entry.ts', built: '../worker/devnet.js' },
} as const;

export type EntryName = keyof typeof entries;

const fromSources = import.meta.url.endsWith('.ts');

export const entryUrl = (name: EntryName): URL =>
  besideArchive(new URL(fromSources ? entries[name].source : builtEntry(name), import.meta.url));

/** Where a program of a build lies, seen from the folder of the host's own. */
export const builtEntry = (name: EntryName): string => entries[name].built;

export const entryPath = (name: EntryName): string => fileURLToPath(entryUrl(name));

/** Folder of the built page. */
export const pageDir = (): string =>
  fileURLToPath(new URL(fromSources ? '../out/page' : '../page', import.meta.url));

/** Folder of the built signing window, which shares no file with the page. */
export const signingDir = (): string =>
  fileURLToPath(new URL(fromSources ? '../out/signing' : '../signing', import.meta.url));

/** Folder of the embedded corpus, packed at build. */
export const corpusDir = (): string =>
  fileURLToPath(
    besideArchive(new URL(fromSources ? '../out/assets/corpus' : '../assets/corpus', import.meta.url)),
  );

/** What an installed app consists of outside of its archive: where it lies, and the list of it that was packed. */
export interface PackedPlace {
  /** The folder that paths of the list count from. */
  readonly resources: string;
  readonly list: string;
}

/** @returns null for a build that is not installed, where no list was packed beside us */
export function packedPlace(): PackedPlace | null {
  const list = fileURLToPath(new URL('../packed-files.json', import.meta.url));
  if (fromSources || !existsSync(list)) return null;
  return { resources: fileURLToPath(new URL('../../..', import.meta.url)), list };
}

/** The same file in the folder beside the archive that the address leads into; any other address as it is. */
export function besideArchive(url: URL): URL {
  return new URL(url.href.replace(/\/app\.asar\/(?!.*\/app\.asar\/)/, '/app.asar.unpacked/'));
}

/** Folder of the pictures of window and tray, drawn at build. */
export const picturesDir = (): string =>
  fileURLToPath(new URL(fromSources ? '../out/assets' : '../assets', import.meta.url));
