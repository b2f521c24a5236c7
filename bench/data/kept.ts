import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../src-shared/reduce/norms.ts';
import { KeptPages } from '../../src-worker/train/pages/kept-pages.ts';
import { PagePacker } from '../../src-worker/train/pages/page-packer.ts';
import { Disk } from '../../src-worker/train/state/disk.ts';
import { figure } from '../report/figures.ts';
import { CONTEXT } from './rig.ts';
import { addresses, documents } from './words.ts';

const READS = 101;
/** As many as a row group of the web's data sets. */
const ROWS = 1_000;

/** A page from the disk, checked against its seal: as it is when a round comes back to it. */
export async function cachedPageMs() {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-bench-kept-'));
  try {
    const told = { notice: () => {}, clearNotice: () => {} };
    const rule = { tokenizer: 'gpt2', context: CONTEXT } as const;
    const kept = await KeptPages.open({
      ...{ folder, key: '0'.repeat(16), quotaBytes: 1e9, disk: new Disk(undefined, told), told },
      context: CONTEXT,
    });
    const packer = new PagePacker(rule);
    for (const text of documents(ROWS, 1, addresses())) packer.addText(text);
    const page = packer.page(1);
    await kept.keep(page);
    const timesMs: number[] = [];
    for (let read = 0; read < READS; read += 1) {
      const startedMs = performance.now();
      if ((await kept.read(1))?.sha256 !== page.sha256) throw new Error('another page came back');
      timesMs.push(performance.now() - startedMs);
    }
    return figure('cached-page-ms', median(timesMs), 'ms', {
      ...{ floor: 5, goal: 1 },
      seen: `${page.tokens.length} tokens, worst ${Math.max(...timesMs).toFixed(1)} ms of ${READS}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
