import type { FileHandle } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EARLY_SYNC_BYTES } from '../../../../src-worker/train/limits.ts';
import { EarlySync } from '../../../../src-worker/train/state/early-sync.ts';

/** A file whose syncs end when the test says so. */
function syncedByHand() {
  const syncs: PromiseWithResolvers<void>[] = [];
  const datasync = () => {
    const sync = Promise.withResolvers<void>();
    syncs.push(sync);
    return sync.promise;
  };
  return { syncs, early: new EarlySync({ datasync } as unknown as FileHandle) };
}

test('a long file is synced while it is written, one sync at a time', async () => {
  const { syncs, early } = syncedByHand();
  early.written(EARLY_SYNC_BYTES - 1);
  expect(syncs).toHaveLength(0);
  early.written(1);
  early.written(3 * EARLY_SYNC_BYTES);
  expect(syncs).toHaveLength(1);
  syncs[0]!.resolve();
  await early.ended();
  early.written(1);
  expect(syncs).toHaveLength(2);
  syncs[1]!.resolve();
  await early.ended();
});

test('a write that the disk refused is told to an early sync alone: it fails the file', async () => {
  const { syncs, early } = syncedByHand();
  early.written(EARLY_SYNC_BYTES);
  syncs[0]!.reject(new Error('EIO'));
  await early.over();
  early.written(EARLY_SYNC_BYTES);
  syncs[1]!.resolve();
  await expect(early.ended()).rejects.toThrow('EIO');
});
