import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inFolder } from '../practice/in-folder.ts';
import { type Figure, figure } from '../report/figures.ts';
import { killGroup, startBuiltHost, timedCommand } from './built-host.ts';
import { SERVES_MS } from './limits.ts';

const TIMES = 9;

/** `butterfly status --json` beside a host that runs, from the start of the program to its end: the median. */
export const statusSeconds = (): Promise<Figure> =>
  inFolder('status', async (folder) => {
    const host = startBuiltHost('--no-open', '--data-dir', folder);
    try {
      await servesPage(host);
      const seconds: number[] = [];
      for (let at = 0; at < TIMES; at++) {
        const told = await timedCommand('status', '--json', '--data-dir', folder);
        if (JSON.parse(told.out).pid !== host.pid) throw new Error('another host answered');
        seconds.push(told.seconds);
      }
      await timedCommand('stop', '--data-dir', folder);
      seconds.sort((a, b) => a - b);
      const seen = `${TIMES} times, from ${seconds[0]?.toFixed(3)} to ${seconds.at(-1)?.toFixed(3)} s`;
      return figure('status-s', seconds[(TIMES - 1) / 2] ?? Number.NaN, 's', { floor: 1, goal: 0.3, seen });
    } finally {
      killGroup(host);
    }
  });

async function servesPage({ stdout }: ChildProcess): Promise<void> {
  if (!stdout) throw new Error('the host has no output');
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(SERVES_MS) });
  for await (const line of lines) if (line.includes('runs at')) return void stdout.resume();
  throw new Error('the host serves no page');
}
