import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAMPS = join(ROOT, 'out', '.stamps');

/** One step of the build: it runs only when its inputs changed by content, or an output is gone. */
export interface BuildStep {
  readonly name: string;
  /** How it is called on the terminal: "Building the page". */
  readonly title: string;
  /** Files and folders, relative to the root. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(): unknown;
}

/** Whether a step has nothing to do. */
export function isUpToDate(step: BuildStep): boolean {
  const stampFile = stampOf(step);
  if (!existsSync(stampFile) || !step.outputs.every((output) => existsSync(join(ROOT, output)))) return false;
  return readFileSync(stampFile, 'utf8') === contentHash(step.inputs);
}

export async function runStep(step: BuildStep): Promise<void> {
  const stampFile = stampOf(step);
  // Of the sources as they are now: what changes while the step runs is built the next time.
  const stamp = contentHash(step.inputs);
  // A step that fails half way must run again, whatever it left behind.
  rmSync(stampFile, { force: true });
  await step.run();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampFile, stamp);
}

const stampOf = (step: BuildStep): string => join(STAMPS, step.name);

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
