import { readFileSync } from 'node:fs';
import type { Fault } from './test-summary.ts';

/**
 * V8 ends its process by a trap when its list of code pages contradicts itself ("Check failed: jit_page.has_value()"). It
 * was seen now and then in test runs whose threads come and go; how often was not measured. No test can prevent it.
 */
const TRAPPED = /exited unexpectedly with signal SIGTRAP .*while running test files? (\S+)$/;

/**
 * A driver that plays a graphics card by software took its process along in one run of the suite; how often it does was not
 * measured. In the app such a process is another one's child and is begun again, which has tests of its own.
 */
const DRIVER_DIED = /exited unexpectedly with signal SIG(?:SEGV|ABRT|BUS) .*while running test files? (\S+)$/;

/** Whether a file of tests loads drivers of graphics cards: it has a process of its own. */
export const loadsDrivers = (file: string): boolean =>
  /chooseSoftwareGpu\(|chooseHalfGpu\(/.test(readFileSync(file, 'utf8'));

/**
 * Files whose tests were not run to their end for one of these reasons, where nothing else failed.
 * @returns none where anything else did: then the run has failed, whatever became of these
 */
export function lostProcesses(
  faults: readonly Fault[],
  isOfDrivers: (file: string) => boolean = loadsDrivers,
): readonly string[] {
  const files = faults.map(({ message }) => {
    const ofDriver = DRIVER_DIED.exec(message)?.[1];
    return TRAPPED.exec(message)?.[1] ?? (ofDriver && isOfDrivers(ofDriver) ? ofDriver : undefined);
  });
  return files.every((file) => file !== undefined) ? files : [];
}
