import { type ChildProcess, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { median } from '../../src-shared/reduce/norms.ts';
import { inFolder } from '../practice/in-folder.ts';
import { type Figure, figure } from '../report/figures.ts';
import { killGroup, startBuiltHost, timedCommand } from './built-host.ts';
import { SERVES_MS } from './limits.ts';

const TIMES = 9;
const HELD = { floor: 1, goal: 0.3 } as const;
const run = promisify(execFile);

/** The Node of this computer's shell: what tasks of npm find first came with the packages. */
const shellNode = (): string =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file)) ?? process.execPath;

/** `butterfly status --json` beside a host that runs, by the Node of this computer's shell: the median. */
export const statusSeconds = (): Promise<Figure> =>
  inFolder('status', async (folder) => {
    const host = startBuiltHost('--no-open', '--data-dir', folder);
    try {
      await servesPage(host);
      const own = await answersOf(shellNode(), host, folder);
      const packed = await answersOf(process.execPath, host, folder);
      await timedCommand(process.execPath, 'stop', '--data-dir', folder);
      const { stdout } = await run(shellNode(), ['--version']);
      const seen = `${TIMES} times on Node ${stdout.trim()}: ${spread(own)}; on ${process.version}: ${spread(packed)}`;
      return figure('status-s', median(own), 's', { ...HELD, seen });
    } finally {
      killGroup(host);
    }
  });

async function answersOf(node: string, host: ChildProcess, folder: string): Promise<number[]> {
  const seconds: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const told = await timedCommand(node, 'status', '--json', '--data-dir', folder);
    if (JSON.parse(told.out).pid !== host.pid) throw new Error('another host answered');
    seconds.push(told.seconds);
  }
  return seconds.toSorted((a, b) => a - b);
}

const spread = (sorted: readonly number[]): string =>
  `${sorted[0]?.toFixed(3)} to ${sorted.at(-1)?.toFixed(3)} s, median ${median(sorted).toFixed(3)} s`;

async function servesPage({ stdout }: ChildProcess): Promise<void> {
  if (!stdout) throw new Error('the host has no output');
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(SERVES_MS) });
  for await (const line of lines) if (line.includes('runs at')) return void stdout.resume();
  throw new Error('the host serves no page');
}
