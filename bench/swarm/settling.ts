import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Figure, figure } from '../report/figures.ts';
import { plainWriteS } from './settle-rig.ts';
import type { Measured, Phase } from './settle-run.ts';

const RUN = fileURLToPath(new URL('./settle-run.ts', import.meta.url));
const PROFILE = 'gpt2-124m';

/** One run for all figures: seconds that a plain write of as many bytes takes are measured beside it. */
let taken: Promise<Measured & { readonly plainS: number }> | null = null;
const measured = () => (taken ??= measure());

async function measure() {
  const root = await mkdtemp(join(tmpdir(), 'butterfly-settle-'));
  // Memory that no process counts as its own stands for an engine, where the system has a folder of it.
  const beside = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'butterfly-weights-'));
  const run = async (mode: string) => {
    const words = [RUN, mode, PROFILE, root, join(beside, 'weights.f32')];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    return stdout;
  };
  try {
    await run('make');
    const found = JSON.parse(await run('measure')) as Measured;
    return { ...found, plainS: await plainWriteS(join(root, 'plain'), found.writtenBytes) };
  } finally {
    await rm(root, { recursive: true, force: true });
    await rm(beside, { recursive: true, force: true });
  }
}

const ofRound = ({ phases }: Measured): readonly Phase[] => phases.filter(({ name }) => name !== 'open');

const each = (phases: readonly Phase[], say: (phase: Phase) => string): string =>
  phases.map((phase) => `${phase.name} ${say(phase)}`).join(', ');

/** Contribute, prepare and settle at 124M, a residue included, on this disk; beside it a plain write of the same bytes. */
export async function settleTime(): Promise<Figure> {
  const found = await measured();
  const phases = ofRound(found);
  const wallS = phases.reduce((sum, phase) => sum + phase.wallS, 0);
  const spent = each(phases, (phase) => `${phase.wallS.toFixed(1)} s (${phase.cpuS.toFixed(1)} of CPU)`);
  const written = `${(found.writtenBytes / 1e9).toFixed(2)} GB written`;
  return figure('settle-124m-s', wallS, 's', {
    ...{ peer: found.plainS, floor: 20, goal: 10 },
    seen: `${spent}; ${written}`,
  });
}

/** The longest time for which the process did nothing else. */
export async function longestStretch(): Promise<Figure> {
  const { phases } = await measured();
  const longest = Math.max(...phases.map(({ stretchMs }) => stretchMs));
  const seen = each(phases, ({ stretchMs }) => `${stretchMs.toFixed(0)} ms`);
  return figure('stretch-124m-ms', longest, 'ms', { floor: 200, goal: 100, seen });
}

/** What the process has at its most beyond what it began with, opening included. */
export async function commitMemory(): Promise<Figure> {
  const { memoryBytes } = await measured();
  return figure('commit-memory-mb', memoryBytes / 1e6, 'MB', { floor: 1000, goal: 400 });
}

/** State and spool at their most while a round is contributed to, prepared and settled, the round before in the spool. */
export async function diskUse(): Promise<Figure> {
  const { diskBytes, elements } = await measured();
  return figure('disk-bytes-per-param', diskBytes / elements, 'bytes', { floor: 40 });
}
