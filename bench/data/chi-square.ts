import { drawnPage, drawnShard, drawPair, pageSeed, rowGroupOf, shardOf } from '../../src-shared/pages.ts';
import { figure } from '../report/figures.ts';

const HOTKEYS = 256;
const ROUNDS = 40;
const PAGES = 5;
/** Shards of different sizes, as data sets have them. */
const ROW_GROUPS = Array.from({ length: 50 }, (_, shard) => 4 + ((shard * 7) % 13));

/** How evenly the pages of many members over many rounds fall: chi-square over its degrees of freedom; chance gives 1. */
export async function pageChiSquare() {
  const counts = ROW_GROUPS.map((size) => new Float64Array(size));
  for (let hotkey = 0; hotkey < HOTKEYS; hotkey += 1)
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = pageSeed({
        ...{ manifestHash: '11'.repeat(32), profileHash: '22'.repeat(32), window: 0 },
        ...{ round, hotkey: `hotkey-${hotkey}`, blockHash: round.toString(16).padStart(64, '0') },
        purpose: { kind: 'assigned' },
      });
      for (let k = 0; k < PAGES; k += 1) {
        const pair = drawPair(seed, k);
        const shard = drawnShard(pair, ROW_GROUPS.length);
        const page = drawnPage(pair, shard, ROW_GROUPS[shard]!);
        counts[shardOf(page)]![rowGroupOf(page)]! += 1;
      }
    }
  const draws = HOTKEYS * ROUNDS * PAGES;
  const cells = counts.flatMap((groups) =>
    Array.from(groups, (found) => {
      const expected = draws / ROW_GROUPS.length / groups.length;
      return (found - expected) ** 2 / expected;
    }),
  );
  const perDegree = cells.reduce((sum, cell) => sum + cell, 0) / (cells.length - 1);
  return figure('page-chi-square', perDegree, 'a degree', {
    ...{ floor: 1.2, goal: 1 },
    seen: `${draws} draws over ${cells.length} row groups of ${ROW_GROUPS.length} shards`,
  });
}
