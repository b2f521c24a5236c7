import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCorpus, openEmbeddedCorpus } from '../../../../src-worker/train/pages/corpus.ts';
import {
  bytesToTokens,
  packDocuments,
  packedDigest,
  sequenceCount,
  sliceBatch,
} from '../../../../src-worker/train/pages/packing.ts';
import { packCorpus } from '../../../../tools/tasks/pack-corpus.ts';

const GRID = { context: 64, pageSequences: 64 };
const PRACTICE_MANIFEST = '3a8e5f7a8a1ded7c9ef32038a5ef24a9a0e5a44134efe080ff89bd217eb9a3f0';
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(60_000);
});

let folder: string;
let corpus: EmbeddedCorpus;
beforeAll(async () => {
  folder = packCorpus();
  corpus = await openEmbeddedCorpus(folder, GRID);
});

describe('embedded corpus', () => {
  it('has the size and the unigram cost that were measured', () => {
    const { train, heldOut, unigram } = corpus.description;
    expect(train.tokens).toBe(3_075_708);
    expect(heldOut.tokens).toBe(96_619);
    expect(unigram.trainEntropy).toBeCloseTo(6.624, 3);
    expect(unigram.heldOutCrossEntropy).toBeCloseTo(6.796, 2);
  });

  it('is the corpus whose manifest runs are built on', () => {
    expect(corpus.manifestHash).toBe(PRACTICE_MANIFEST);
  });

  it('holds nine held-out documents and none of them in training', () => {
    const { train, heldOut } = corpus.description;
    expect([train.documents, heldOut.documents]).toEqual([363, 9]);
    const text = Buffer.from(corpus.heldOut.buffer).toString('latin1');
    const pages = Array.from({ length: corpus.pageCount }, (_, p) => corpus.loadPage(p, signal));
    return Promise.all(pages).then((loaded) => {
      const train = loaded.map(({ tokens }) => Buffer.from(tokens.buffer).toString('latin1')).join('');
      // 48 tokens from the middle of each held-out document.
      for (let at = 5_000; at < corpus.heldOut.length - 100; at += 10_000) {
        expect(train.includes(text.slice(2 * at, 2 * at + 96))).toBe(false);
      }
    });
  });

  it('serves pages that match the table of the build', async () => {
    expect(corpus.pageCount).toBe(750);
    expect(corpus.description.pages.sha256).toHaveLength(750);
    for (const index of [0, 17, 749]) {
      const page = await corpus.loadPage(index, signal);
      expect(page).toMatchObject({ index, sequences: 64, sha256: corpus.description.pages.sha256[index] });
      expect(page.tokens).toHaveLength(64 * 64 + 1);
    }
  });

  it('the last target of a page is the first input of the next', async () => {
    const [first, second] = [await corpus.loadPage(3, signal), await corpus.loadPage(4, signal)];
    expect(first.tokens.at(-1)).toBe(second.tokens[0]);
  });

  it('refuses a page that does not exist and a wait that was cancelled', async () => {
    await expect(corpus.loadPage(750, signal)).rejects.toThrow(RangeError);
    await expect(corpus.loadPage(0, AbortSignal.abort())).rejects.toThrow();
  });

  it.each<[string, (copy: string) => Promise<void>]>([
    ['a stream cut short', (copy) => truncate(join(copy, 'train.u16'), 1000)],
    ['a missing stream', (copy) => rm(join(copy, 'held-out.u16'))],
    ['a description that is no JSON', (copy) => writeFile(join(copy, 'corpus.json'), '{')],
    ['a description of something else', (copy) => writeFile(join(copy, 'corpus.json'), '{"format":2}')],
  ])('%s is a coded error', async (_fault, spoil) => {
    const copy = await mkdtemp(join(tmpdir(), 'corpus-'));
    try {
      await cp(folder, copy, { recursive: true });
      await spoil(copy);
      await expect(openEmbeddedCorpus(copy, GRID)).rejects.toMatchObject({ code: 'CORPUS_CORRUPT' });
    } finally {
      await rm(copy, { recursive: true });
    }
  });
});

describe('packing', () => {
  const packed = packDocuments([[1, 2, 3], [], [4, 5]], 9);

  it('closes every document with the end mark, in the order given', () => {
    expect([...packed]).toEqual([1, 2, 3, 9, 9, 4, 5, 9]);
  });

  it('targets are inputs one token later, across documents', () => {
    const { ids, targets } = sliceBatch(packed, 3, 0, 2);
    expect([...ids]).toEqual([1, 2, 3, 9, 9, 4]);
    expect([...targets]).toEqual([2, 3, 9, 9, 4, 5]);
  });

  it('counts whole sequences with their last target', () => {
    expect([0, 1, 3, 4, 7, 8].map((tokens) => sequenceCount(tokens, 3))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(() => sliceBatch(packed, 3, 2, 1)).toThrow(RangeError);
  });

  it.each([0, 1, 2, 3])('has tokens of bytes that begin at place %d', (place) => {
    const bytes = new Uint8Array(9 + place);
    bytes.set([1, 2, 3, 4, 0xff, 0xff], place);
    expect([...bytesToTokens(bytes.subarray(place, place + 6))]).toEqual([0x0201, 0x0403, 0xffff]);
  });

  it('digests the stream as little-endian 16-bit numbers', () => {
    expect(packedDigest(Uint16Array.of(0x0201, 0x0403))).toBe(
      '9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a',
    );
  });
});
