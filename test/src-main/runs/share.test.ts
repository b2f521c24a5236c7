import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { followShare } from '../../../src-main/runs/follow-share.ts';
import type { Runs } from '../../../src-main/runs/runs.ts';
import { openSettings } from '../../../src-main/settings/settings-file.ts';

it('every run that works hears at once how hard it may work, and one that does not answer harms nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-share-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const settings = await openSettings(folder);
  const heard: unknown[] = [];
  const run = (answer: () => Promise<unknown>) => ({
    body: {
      run: {
        train: {
          call: (...said: readonly unknown[]) => {
            heard.push(said.slice(0, 2));
            return answer();
          },
        },
      },
    },
  });
  const live = new Map<string, unknown>([
    ['deaf', run(() => Promise.reject(new Error('away')))],
    ['works', run(() => Promise.resolve(undefined))],
    ['starts', { body: null }],
  ]);
  const log: string[] = [];
  const off = followShare(settings, { live } as unknown as Pick<Runs, 'live'>, (line) => log.push(line));
  await settings.set('training.threads', 2);
  expect(heard).toEqual([]);
  await settings.set('training.share', 40);
  expect(heard).toEqual([
    ['setShare', { share: 0.4 }],
    ['setShare', { share: 0.4 }],
  ]);
  await expect.poll(() => log).toEqual(['train was not told how hard it may work: Error: away']);
  off();
  await settings.set('training.share', 50);
  expect(heard).toHaveLength(2);
});
