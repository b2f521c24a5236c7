import { pathToFileURL } from 'node:url';
import { type BuildStep, isUpToDate, runStep } from '../build/stamp.ts';
import { steps } from '../build/steps.ts';

/**
 * Builds what changed and says so step by step, on stderr: what a command prints itself goes to stdout alone. Silent
 * when nothing changed. Exits with 1 after a step that failed.
 * @param only names of the steps that are wanted; all of them where none is said
 */
export async function build(only: readonly string[] | null = null): Promise<void> {
  const wanted = steps.filter(({ name }) => only === null || only.includes(name));
  for (const step of wanted) if (!isUpToDate(step)) await told(step);
}

async function told(step: BuildStep): Promise<void> {
  const began = performance.now();
  console.error(`Building ${step.title} …`);
  try {
    await runStep(step);
  } catch (error) {
    console.error(`Could not build ${step.title}: ${error instanceof Error ? error.message : error}`);
    console.error('If that does not say what to do: run npm ci, then try again.');
    process.exit(1);
  }
  console.error(`  ${((performance.now() - began) / 1e3).toFixed(1)} s`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build();
  console.log('The build is up to date.');
}
