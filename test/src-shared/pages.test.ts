import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  draw,
  drawnPage,
  drawnShard,
  drawPair,
  type PageWindow,
  pageSeed,
  pagesOf,
  rowGroupOf,
  shardOf,
} from '../../src-shared/pages.ts';
import { filesManifest, hubManifest, type Shard, type TextFile } from '../../src-shared/text-manifest.ts';
import { runs } from '../runs.ts';

const WINDOW: PageWindow = {
  manifestHash: '11'.repeat(32),
  profileHash: '22'.repeat(32),
  round: 5,
  hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  window: 0,
  blockHash: '33'.repeat(32),
  purpose: { kind: 'assigned' },
};
/** By an implementation in another language. */
const PINNED_PAGES = [220, 528, 442, 391, 738, 469];
/** By tools/fixtures/page_draws.py, which shares no code with the rule. */
const vectors = JSON.parse(readFileSync(new URL('../fixtures/page-draws.json', import.meta.url), 'utf8')) as {
  readonly dataset: { readonly id: string; readonly commit: string; readonly shards: readonly Shard[] };
  readonly manifest: string;
  readonly files: readonly TextFile[];
  readonly filesManifest: string;
  readonly rowGroups: readonly number[];
  readonly vectors: readonly {
    readonly window: Omit<PageWindow, 'purpose'>;
    readonly seed: string;
    readonly pages: readonly number[];
  }[];
};
const RUNS = runs(100, 1_000);

describe('page rule', () => {
  it('gives the pages that were fixed when the rule was written', () => {
    expect(pagesOf(WINDOW, 750, 6)).toEqual(PINNED_PAGES);
  });

  it('takes a block hash with and without 0x', () => {
    expect(pageSeed({ ...WINDOW, blockHash: `0x${WINDOW.blockHash}` })).toEqual(pageSeed(WINDOW));
  });

  it.each<[string, Partial<PageWindow>]>([
    ['manifest', { manifestHash: '44'.repeat(32) }],
    ['profile', { profileHash: '44'.repeat(32) }],
    ['round', { round: 6 }],
    ['hotkey', { hotkey: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' }],
    ['window', { window: 1 }],
    ['block hash', { blockHash: '44'.repeat(32) }],
    ['purpose', { purpose: { kind: 'random', nonce: '' } }],
  ])('another %s means another seed', (_field, change) => {
    expect(pageSeed({ ...WINDOW, ...change })).not.toEqual(pageSeed(WINDOW));
  });

  it('random pages depend on the nonce', () => {
    const random = (nonce: string) => pageSeed({ ...WINDOW, purpose: { kind: 'random', nonce } });
    expect(random('a')).not.toEqual(random('b'));
  });

  it('spreads draws evenly over the pages', () => {
    const pages = 50;
    const counts = new Float64Array(pages);
    const draws = 10_000;
    for (let round = 0; round < draws / 100; round++) {
      for (const page of pagesOf({ ...WINDOW, round }, pages, 100)) counts[page]!++;
    }
    const expected = draws / pages;
    const chi = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0) / (pages - 1);
    expect(chi).toBeGreaterThan(0.6);
    expect(chi).toBeLessThan(1.5);
  });

  it('every draw lies inside, whatever the size', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(1000),
        fc.integer({ min: 1, max: 2 ** 40 }),
        (seed, k, size) => {
          const value = draw(seed, k, size);
          expect(Number.isInteger(value) && value >= 0 && value < size).toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('refuses a digest of another length and an empty dataset', () => {
    expect(() => pageSeed({ ...WINDOW, blockHash: '33' })).toThrow(RangeError);
    expect(() => pagesOf(WINDOW, 0, 1)).toThrow(RangeError);
  });

  describe('of text in shards', () => {
    const { rowGroups } = vectors;
    const pageAt = (seed: Uint8Array, k: number, groups: readonly number[]): number => {
      const pair = drawPair(seed, k);
      const shard = drawnShard(pair, groups.length);
      return drawnPage(pair, shard, groups[shard]!);
    };

    it('has the manifests of another implementation', () => {
      expect(hubManifest(vectors.dataset)).toBe(vectors.manifest);
      expect(filesManifest(vectors.files)).toBe(vectors.filesManifest);
    });

    it.each(vectors.vectors)('draws what another implementation draws (window $window.window)', (vector) => {
      const seed = pageSeed({ ...vector.window, purpose: { kind: 'assigned' } });
      expect(Buffer.from(seed).toString('hex')).toBe(vector.seed);
      expect(vector.pages.map((_, k) => pageAt(seed, k, rowGroups))).toEqual(vector.pages);
    });

    it('spreads evenly over shards, and within each over its row groups', () => {
      const groups = [40, 10, 25, 5];
      const counts = groups.map((size) => new Float64Array(size));
      const draws = 20_000;
      for (let round = 0; round < draws / 100; round++) {
        const seed = pageSeed({ ...WINDOW, round });
        for (let k = 0; k < 100; k++) {
          const page = pageAt(seed, k, groups);
          counts[shardOf(page)]![rowGroupOf(page)]!++;
        }
      }
      const chi = counts.flatMap((cells) =>
        Array.from(cells, (n) => {
          const expected = draws / groups.length / cells.length;
          return (n - expected) ** 2 / expected;
        }),
      );
      const perDegree = chi.reduce((sum, cell) => sum + cell, 0) / (chi.length - 1);
      expect(perDegree).toBeGreaterThan(0.6);
      expect(perDegree).toBeLessThan(1.5);
    });
  });
});
