import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hubManifest } from '../../src-shared/text-manifest.ts';
import { type Assignment, assignmentOf } from '../../src-worker/train/loop/assignment.ts';
import type { Page } from '../../src-worker/train/pages/page-source.ts';
import type { TextThreadStart } from '../../src-worker/train/pages/text-messages.ts';
import { TextSource } from '../../src-worker/train/pages/text-source.ts';
import type { DatasetHub } from '../../test/fakes/hub/data-sets.ts';
import { packCorpus } from '../../tools/tasks/pack-corpus.ts';

export const CONTEXT = 1_024;

export interface TextRig {
  readonly source: TextSource;
  readonly assignment: Assignment;
  /** The k-th page of a round, as training asks for it. */
  page(k: number): Promise<Page>;
}

/** The thread of training text on a Hub of this computer, with nothing kept from before. */
export async function withText<T>(
  hub: DatasetHub,
  options: Partial<TextThreadStart>,
  work: (rig: TextRig) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-bench-text-'));
  const manifest = hubManifest({ id: hub.id, commit: hub.commit, shards: hub.shards() });
  const dataset = {
    kind: 'hub',
    id: hub.id,
    revision: hub.commit,
    path: 'sample',
    column: 'text',
    manifest,
  } as const;
  const signal = new AbortController().signal;
  const source = await TextSource.start(
    {
      ...{ dataset, corpusDir: packCorpus(), folder, hubUrl: hub.hubUrl, textFolder: null },
      ...{ tokenizer: 'gpt2', context: CONTEXT, quotaBytes: 0 },
      ...options,
    },
    { told: { notice: (error) => console.error(error), clearNotice: () => {} }, stated: () => {} },
    signal,
  );
  const round = { profileHash: '22'.repeat(32), round: 1, hotkey: 'nobody', blockHash: '33'.repeat(32) };
  const assignment = assignmentOf(source, CONTEXT, round);
  try {
    return await work({ source, assignment, page: (k) => assignment.page(k, signal) });
  } finally {
    await source.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
