import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const SECOND_MS = 1_000;

/** Processor time of a second, in % of one core. */
interface Shares {
  readonly main: number;
  readonly renderer: number;
  readonly gpu: number;
}

/** What Chromium's own word in the command line says of a process; the main one has none. */
const TYPES = { main: '', renderer: 'renderer', gpu: 'gpu-process' } as const;
const names = ['main', 'renderer', 'gpu'] as const;

/** Electron's own processes among those that run from its folder: children of the host are another program. */
export function ownProcesses(pids: readonly number[]): Readonly<Record<keyof Shares, readonly number[]>> {
  const found = pids.map((pid) => ({ pid, words: commandLineOf(pid) }));
  const electron = found.filter(({ words }) => words[0]?.endsWith('/butterfly'));
  const ofType = (type: string) =>
    electron
      .filter(({ words }) => (words.find((word) => word.startsWith('--type='))?.slice(7) ?? '') === type)
      .map(({ pid }) => pid);
  return { main: ofType(TYPES.main), renderer: ofType(TYPES.renderer), gpu: ofType(TYPES.gpu) };
}

/** The words of a process; Chromium parts those of its own children by blanks alone. None once it is gone. */
function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
  } catch {
    return [];
  }
}

/** What these used in each of so many seconds, as the system counts it. */
export async function* processorShares(
  own: ReturnType<typeof ownProcesses>,
  seconds: number,
): AsyncGenerator<Shares> {
  if (own.main.length !== 1 || own.renderer.length === 0)
    throw new Error('Electron has no main process and no page');
  let before = names.map((name) => ticksOf(own[name]));
  let beganMs = performance.now();
  for (let at = 0; at < seconds; at++) {
    await sleep(SECOND_MS);
    const nowMs = performance.now();
    const now = names.map((name) => ticksOf(own[name]));
    const share = (of: number) =>
      (100 * ((now[of] ?? 0) - (before[of] ?? 0))) / TICKS_PER_SECOND / ((nowMs - beganMs) / SECOND_MS);
    yield { main: share(0), renderer: share(1), gpu: share(2) };
    [before, beganMs] = [now, nowMs];
  }
}

/** User and system time of these processes so far; fields 14 and 15 of `stat`, behind the name in brackets. */
function ticksOf(pids: readonly number[]): number {
  const used = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return used.reduce((sum, one) => sum + one, 0);
}
