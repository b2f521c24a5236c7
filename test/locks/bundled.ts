import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the vault's thread in one file: read from many, each of its hundred starts would take a second. */
    lockThread: string;
  }
}

/** Before the first test of a run: the thread from the sources as they are, with keys that are known. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-lock-thread-'));
  const file = join(folder, 'thread.mjs');
  const input = fileURLToPath(new URL('./thread.ts', import.meta.url));
  await build({ input, platform: 'node', external: /^node:/, output: { file, codeSplitting: false } });
  project.provide('lockThread', pathToFileURL(file).href);
  return () => rm(folder, { recursive: true, force: true });
}
