import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../tools/build/stamp.ts';
import { inFolder } from '../practice/in-folder.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { killGroup, startBuiltHost } from './built-host.ts';
import { COUNT_EVERY_MS, LEFT_MS, PROCESSES_MS } from './limits.ts';

/** The host itself, its train, swarm and chain, and companions with some of theirs. */
const UNDER_WAY = 10;

type Ending = (host: ChildProcess, folder: string) => Promise<void> | void;
const endings: Readonly<Record<string, Ending>> = {
  quit: async (_host, folder) => {
    const words = [join(ROOT, 'bin', 'butterfly.mjs'), 'stop', '--data-dir', folder];
    await promisify(execFile)(process.execPath, words);
  },
  'kill -9': (host) => void host.kill('SIGKILL'),
  'log-out': (host) => void host.kill('SIGTERM'),
};

/** Processes of a whole practice that are still there after its host ended, in each of the ways in which it can. */
export async function processesLeft(): Promise<Figure> {
  const held = { floor: 0 };
  if (process.platform !== 'linux')
    return unmeasured('processes-left', 'processes', 'process groups are counted on Linux', held);
  let left = 0;
  const seen: string[] = [];
  for (const [name, end] of Object.entries(endings)) {
    const one = await leftAfter(end);
    left += one.left;
    seen.push(`${name}: ${one.before} to ${one.left} in ${(one.ms / 1e3).toFixed(1)} s`);
  }
  return figure('processes-left', left, 'processes', { ...held, seen: seen.join('; ') });
}

const leftAfter = (end: Ending) =>
  inFolder('left', async (folder) => {
    const host = startBuiltHost('practice', '--headless', '--data-dir', folder);
    host.stdout?.resume();
    try {
      const before = await countUntil(host, (count) => count >= UNDER_WAY, PROCESSES_MS);
      if (before < UNDER_WAY) throw new Error(`only ${before} processes of a practice came`);
      const gone = once(host, 'exit');
      const began = performance.now();
      await end(host, folder);
      await gone;
      const left = await countUntil(host, (count) => count === 0, LEFT_MS);
      return { before, left, ms: performance.now() - began };
    } finally {
      killGroup(host);
    }
  });

async function countUntil(
  host: ChildProcess,
  done: (count: number) => boolean,
  limitMs: number,
): Promise<number> {
  const until = performance.now() + limitMs;
  for (;;) {
    const count = inGroup(host.pid ?? 0);
    if (done(count) || performance.now() > until) return count;
    await sleep(COUNT_EVERY_MS);
  }
}

/** Living processes of a group: children stay in that of their host. */
function inGroup(group: number): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOf(name, group)).length;
}

function isOf(pid: string, group: number): boolean {
  try {
    // The name stands in brackets and may hold anything; behind it: state, parent, group.
    const [state, , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state !== 'Z' && Number(pgrp) === group;
  } catch {
    return false;
  }
}
