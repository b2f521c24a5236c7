import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectronApplication } from 'playwright-core';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const SECOND_MS = 1_000;

/** Processor time of a second, in % of one core. */
interface Shares {
  readonly main: number;
  readonly renderer: number;
  readonly gpu: number;
}

/** As Electron names them. */
const TYPES = { main: 'Browser', renderer: 'Tab', gpu: 'GPU' } as const;
const names = ['main', 'renderer', 'gpu'] as const;

/** Hides what is on the screen, as closing to the tray does. */
export const hidePages = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => {
    for (const one of BrowserWindow.getAllWindows()) one.hide();
  });

/** What Electron's own processes used in each of so many seconds, as the system counts it. */
export async function* processorShares(app: ElectronApplication, seconds: number): AsyncGenerator<Shares> {
  const found = await app.evaluate(({ app: own }) =>
    own.getAppMetrics().map(({ pid, type }) => ({ pid, type: String(type) })),
  );
  const pidsOf = (name: keyof Shares) =>
    found.filter(({ type }) => type === TYPES[name]).map(({ pid }) => pid);
  if (pidsOf('main').length !== 1 || pidsOf('renderer').length === 0)
    throw new Error('Electron has no main process and no page');
  let before = names.map((name) => ticksOf(pidsOf(name)));
  let beganMs = performance.now();
  for (let at = 0; at < seconds; at++) {
    await sleep(SECOND_MS);
    const nowMs = performance.now();
    const now = names.map((name) => ticksOf(pidsOf(name)));
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
