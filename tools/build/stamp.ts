import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAMPS = join(ROOT, 'out', '.stamps');

/** One step of the build: it runs only when its inputs changed by content, or an output is gone. */
export interface BuildStep {
  readonly name: string;
  /** Files and folders, relative to the root. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(): unknown;
}

/** @returns whether there was anything to do. */
export async function runStep(step: BuildStep): Promise<boolean> {
  const stampFile = join(STAMPS, step.name);
  const stamp = contentHash(step.inputs);
  const built = step.outputs.every((output) => existsSync(join(ROOT, output)));
  if (built && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  // A step that fails half way must run again, whatever it left behind.
  rmSync(stampFile, { force: true });
  await step.run();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampFile, stamp);
  return true;
}

function contentHash(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesOf(join(ROOT, input))).sort()) {
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => filesOf(join(path, entry.name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}
