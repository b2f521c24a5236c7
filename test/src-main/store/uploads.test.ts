import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UploadRow } from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-uploads-'));
  store = await openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });
});
afterEach(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
});

const upload = (round: number, changes: Partial<UploadRow> = {}): UploadRow => ({
  ...{ runId: 1, tag: `1.${round + 1}.0`, place: 'folder:/x', kind: 'state', round, atMs: 1_000 * round },
  ...{ sentBytes: 100, foundBytes: 3, durationMs: 7.5, code: null, ...changes },
});

describe('what was published', () => {
  it('is told newest first, with what all of it sent since then', async () => {
    for (const round of [1, 2, 3, 4]) store.add('upload', upload(round));
    const { newest, sentBytes } = await store.uploads(2_000, 2);
    expect(newest).toEqual([upload(4), upload(3)]);
    expect(sentBytes).toBe(300);
  });

  it('is a failure until a later try got there, and sent nothing that arrived', async () => {
    const failed = { sentBytes: null, foundBytes: null, durationMs: null, code: 'STORE_UNREACHABLE' };
    store.add('upload', upload(1, failed));
    expect(await store.uploads(0, 8)).toEqual({ newest: [upload(1, failed)], sentBytes: 0 });
    store.add('upload', upload(1));
    expect(await store.uploads(0, 8)).toEqual({ newest: [upload(1)], sentBytes: 100 });
  });
});
