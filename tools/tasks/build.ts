import { pathToFileURL } from 'node:url';
import { runStep } from '../build/stamp.ts';
import { steps } from '../build/steps.ts';

/** Builds what changed. Silent when nothing did. */
export async function build(): Promise<void> {
  const began = performance.now();
  const done: string[] = [];
  for (const step of steps) if (await runStep(step)) done.push(step.name);
  if (done.length > 0)
    console.log(`Built ${done.join(', ')} in ${((performance.now() - began) / 1e3).toFixed(1)} s.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build();
  console.log('The build is up to date.');
}
