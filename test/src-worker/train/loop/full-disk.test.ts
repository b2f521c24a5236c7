import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ErrorCode } from '../../../../src-shared/errors/catalogue.ts';
import { Disk, type DiskWatch } from '../../../../src-worker/train/state/disk.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { dropRoot, Notices, newRoot } from '../state/rig.ts';
import { type Rig, STEPS, startRig } from './rig.ts';

beforeAll(buildKernels);

let root: string;
let told: Notices;
let isFull: boolean;
let rig: Rig | null = null;
beforeEach(async () => {
  root = await newRoot();
  told = new Notices();
  isFull = false;
  rig = null;
});
afterEach(async () => {
  isFull = false;
  await rig?.stop();
  await dropRoot(root);
});

const full: DiskWatch = (step) => {
  if (isFull && step === 'write') throw Object.assign(new Error('full'), { code: 'ENOSPC' });
};
const codes = () => [...new Set(told.errors.map(({ code }) => code))];

async function start(): Promise<Rig> {
  rig = await startRig(root, { disk: new Disk(full, told) });
  return rig;
}

/** Resolves once a person has been told. */
async function toldOf(code: ErrorCode, running: Rig): Promise<void> {
  while (!codes().includes(code)) await running.trainer.turns.take(() => new Promise(setImmediate));
}

test('on a full disk training goes on in memory, and the contribution comes once there is room', async () => {
  const running = await start();
  isFull = true;
  await running.openRound(0);
  await running.rested(0);
  const contributing = running.contribute(0);
  await toldOf('DISK_FULL', running);
  // The engine is free meanwhile.
  await running.handlers.evaluate({ windows: 1 }, running.signal);
  isFull = false;
  expect((await contributing).steps).toBe(STEPS);
  expect(codes()).toEqual(['DISK_FULL']);
  expect(told.cleared).toEqual(['DISK_FULL']);
});

test('whoever gives up waiting for room is told what was lacking, and nothing has changed', async () => {
  const running = await start();
  await running.openRound(0);
  await running.rested(0);
  await running.trainer.replica.books.take(async () => {});
  const before = running.trainer.replica.current;
  isFull = true;
  const given = new AbortController();
  const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
  const contributing = running.handlers.contribute(asked, given.signal);
  const refused = expect(contributing).rejects.toMatchObject({ code: 'DISK_FULL' });
  await toldOf('DISK_FULL', running);
  given.abort();
  await refused;
  expect(running.trainer.replica.current).toMatchObject({ pending: null, standing: before.standing });
});

test('a process that starts on a full disk waits for room', async () => {
  isFull = true;
  const starting = start();
  while (codes().length === 0) await new Promise(setImmediate);
  isFull = false;
  expect((await starting).facts.standing.round).toBe(-1);
});

const SIZE_KB = 2_048;

/** A file system that is really full; null, with the reason printed, where we may not mount one. */
function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_KB}k`, 'tmpfs', folder], { stdio: 'pipe' });
    return true;
  } catch (thrown) {
    console.log(`no real full disk: ${(thrown as Error).message.trim().split('\n').at(-1)}`);
    return false;
  }
}

test('a file system that is really full is waited for', async (context) => {
  if (!mounted(root)) return context.skip();
  try {
    const running = await start();
    await running.openRound(0);
    await running.rested(0);
    await running.trainer.replica.books.take(async () => {});
    const ballast = join(root, 'ballast');
    await writeFile(ballast, new Uint8Array(SIZE_KB * 1024)).catch(() => {});
    const contributing = running.contribute(0);
    await toldOf('DISK_FULL', running);
    await rm(ballast);
    expect((await contributing).steps).toBe(STEPS);
    expect(told.cleared).toEqual(['DISK_FULL']);
    await running.stop();
    rig = null;
    // What was written is whole: a new process stands on it.
    const second = await start();
    expect(second.trainer.replica.current.pending?.round).toBe(0);
    expect(codes()).toEqual(['DISK_FULL']);
    await second.stop();
    rig = null;
  } finally {
    await rig?.stop();
    rig = null;
    execFileSync('umount', ['--lazy', root]);
  }
});
