import { expect, it, vi } from 'vitest';
import { NOTHING_PAID } from '../../../src-main/runs/joined.ts';
import type { KeptRun } from '../../../src-main/runs/kept-runs.ts';
import type { RunPlan } from '../../../src-main/runs/plan.ts';
import { openRuns } from '../../../src-main/runs/runs.ts';
import type { DurableJson } from '../../../src-node/durable-json.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

it('tells a run that fails at once as begun and then as failed, however slow the disk is', async () => {
  const disk = Promise.withResolvers<void>();
  const plan = {
    id: 'hotkey',
    facts: { controls: [] },
    begin: () => Promise.reject(new AppError('NETWORK_NAME_TAKEN', { name: 'finney' })),
  } as unknown as RunPlan;
  const runs = await openRuns({
    file: { read: async () => null, write: () => disk.promise } as unknown as DurableJson<readonly KeptRun[]>,
    planOf: async () => plan,
    log: () => undefined,
    signal: new AbortController().signal,
  });
  const told: string[] = [];
  runs.on('begun', () => told.push('begun'));
  runs.on('failed', () => told.push('failed'));
  const starting = runs.start({ kind: 'practice' }, NOTHING_PAID);
  await vi.waitFor(() => expect(told).toContain('failed'));
  disk.resolve();
  await starting;
  expect(told).toEqual(['begun', 'failed']);
});
