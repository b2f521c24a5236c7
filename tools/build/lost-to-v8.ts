import type { Fault } from './test-summary.ts';

/**
 * V8 ends its process by a trap when its list of code pages contradicts itself ("Check failed: jit_page.has_value()"). It
 * was seen now and then in test runs whose threads come and go; how often was not measured. No test can prevent it.
 */
const TRAPPED = /exited unexpectedly with signal SIGTRAP .*while running test files? (\S+)$/;

/**
 * Files whose tests were not run to their end for that reason, where nothing else failed.
 * @returns none where anything else did: then the run has failed, whatever became of these
 */
export function lostToV8(faults: readonly Fault[]): readonly string[] {
  const files = faults.map(({ message }) => TRAPPED.exec(message)?.[1]);
  return files.every((file) => file !== undefined) ? files : [];
}
