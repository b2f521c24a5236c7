import { expect, it } from 'vitest';
import { endReason, isCrash } from '../../../src-main/supervisor/process-end.ts';

it('takes for a crash what faults in native code end a process with, and nothing that others end it with', () => {
  const crashes = (code: number | null, signal: NodeJS.Signals | null) => isCrash(endReason(code, signal));
  for (const signal of ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL'] as const)
    expect(crashes(null, signal)).toBe(true);
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    expect(crashes(null, signal)).toBe(false);
  // An access violation, a corrupt heap and a fast failure of Windows.
  for (const code of [0xc0000005, 0xc0000374, 0xc0000409]) expect(crashes(code, null)).toBe(true);
  // An error of its own, Ctrl+C, and a session that ends.
  for (const code of [0, 1, 7, 0xc000013a, 0xc0000142]) expect(crashes(code, null)).toBe(false);
  expect([isCrash('not started: ENOENT'), isCrash('exit code ?')]).toEqual([false, false]);
});
