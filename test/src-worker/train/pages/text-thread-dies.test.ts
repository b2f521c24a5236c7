import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TextThreadStart } from '../../../../src-worker/train/pages/text-messages.ts';
import { TextSource } from '../../../../src-worker/train/pages/text-source.ts';

const thread = fileURLToPath(new URL('./dying-thread.ts', import.meta.url));
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(60_000);
});

let folder: string;
let source: TextSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dying-text-'));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const dataset = { kind: 'files', name: 'x', column: 'text', manifest: null } as const;
  const start: TextThreadStart = {
    ...{ dataset, corpusDir: folder, folder, hubUrl: '', textFolder: null },
    ...{ tokenizer: 'gpt2', context: 16, quotaBytes: 0 },
  };
  const told = { notice: () => undefined, clearNotice: () => undefined };
  source = await TextSource.start(start, { told, stated: () => undefined, thread }, signal);
});
afterEach(async () => {
  await source.stop();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

describe('a thread of training text that dies', () => {
  it('is begun again, and asked once more what it owed; the log has the reason', async () => {
    await expect(source.loadPage(1, signal)).resolves.toMatchObject({ index: 1 });
    expect(vi.mocked(console.error)).toHaveBeenCalledWith(expect.stringContaining('ended (1)'), 'exit 1');
    await expect(source.loadPage(3, signal)).resolves.toMatchObject({ index: 3 });
  });

  it('is not asked a third time what took two of them along, and goes on with all else', async () => {
    await expect(source.loadPage(2, signal)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(source.loadPage(3, signal)).resolves.toMatchObject({ index: 3 });
  });

  it('is begun no more once it is stopped', async () => {
    const owed = source.loadPage(2, signal);
    owed.catch(() => undefined);
    await source.stop();
    await expect(owed).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(vi.mocked(console.error).mock.calls.length).toBeLessThanOrEqual(1);
  });
});
