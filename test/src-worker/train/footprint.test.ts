import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isShort } from '../../../src-shared/contract/footprint.ts';
import type { MemoryPlan } from '../../../src-shared/contract/memory-plan.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import {
  diskBytes,
  type FootprintRequest,
  footprintOf,
  ramBeside,
  ramBytes,
} from '../../../src-worker/train/footprint.ts';
import { PROCESS_BYTES } from '../../../src-worker/train/limits.ts';

const N = 1_000_000;
const codec = { tiers: ['fp16', 'int8'], result: 'fp16' } as const;
const plan = (waitingBytes: number): MemoryPlan => ({
  ...{ device: 'a card', precision: 'f32', policy: 'W16', checkpointing: false, passSequences: 1 },
  ...{ waitingBytes, budgetBytes: null },
  bytes: { weights: 4 * N, gradient: 4 * N, optimizer: 8 * N, activations: N, scratch: 0 },
});

it('takes one vector of memory, what waits there, and on the processor all that the engine holds', () => {
  const program = PROCESS_BYTES;
  expect(ramBytes(N, null, false)).toBe(4 * N + program);
  expect(ramBytes(N, plan(4 * N), false)).toBe(8 * N + program);
  expect([ramBeside(null, N), ramBeside(1, N), ramBeside(5 * N + program, N)]).toEqual([null, 0, N]);
  expect(ramBytes(N, plan(0), true)).toBe(4 * N + 17 * N + program);
});

it('a run of the largest model that ships takes less than eighty gigabytes of disk at its most', () => {
  const parameters = parameterCount(liveProfile('gpt2-1.1b').consensus.model);
  const trains = diskBytes(parameters, { trains: true, codec });
  expect(trains).toBe(70 * parameters);
  // Without snapshots, as a validator has it.
  expect(trains - diskBytes(parameters, { trains: false, codec })).toBe(28 * parameters);
});

it('what lies on the disk already is counted once, and what is left to others not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'footprint-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [stateDir, spoolDir] = [join(folder, 'model'), join(folder, 'spool')];
  const asked = {
    ...{ parameters: N, plan: plan(0), isOnProcessor: false, trains: true },
    codec,
    ...{ freeRamBytes: 8 * N, stateDir, spoolDir },
  } satisfies FootprintRequest;
  // Nobody knows of a folder that is not there.
  expect((await footprintOf(asked)).disk).toEqual({ bytes: 70 * N, freeBytes: null });
  await mkdir(join(spoolDir, '000000000001'), { recursive: true });
  await mkdir(stateDir);
  await writeFile(join(stateDir, 'state'), new Uint8Array(5_000));
  await writeFile(join(spoolDir, '000000000001', 'average.bin'), new Uint8Array(300));
  const { ram, disk } = await footprintOf(asked);
  expect(disk.bytes).toBe(70 * N - 5_300);
  expect(disk.freeBytes).toBeGreaterThan(0);
  expect([ram, isShort(ram)]).toEqual([{ bytes: 4 * N + PROCESS_BYTES, freeBytes: 8 * N }, true]);
  expect(isShort({ bytes: 1, freeBytes: null })).toBe(false);
});

it('text that may be kept takes its room beside the states, and what is kept of it none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'footprint-text-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dir = join(folder, 'text');
  const asked = {
    ...{ parameters: N, plan: plan(0), isOnProcessor: false, trains: true, codec },
    ...{ freeRamBytes: 8 * N, stateDir: folder, spoolDir: join(folder, 'spool') },
  } satisfies FootprintRequest;
  const text = { dir, quotaBytes: 4_000 };
  expect((await footprintOf({ ...asked, text })).disk.bytes).toBe(70 * N + 4_000);
  const elsewhere = join(folder, 'state');
  await mkdir(elsewhere);
  await mkdir(join(dir, 'pages'), { recursive: true });
  await writeFile(join(dir, 'pages', '1.u16'), new Uint8Array(3_000));
  expect((await footprintOf({ ...asked, stateDir: elsewhere, text })).disk.bytes).toBe(70 * N + 1_000);
  // More than may be kept, for the quota was larger before.
  const smaller = { dir, quotaBytes: 100 };
  expect((await footprintOf({ ...asked, stateDir: elsewhere, text: smaller })).disk.bytes).toBe(70 * N);
});
