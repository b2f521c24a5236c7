import { drawnPage, drawnShard, drawPair, pageSeed, rowGroupOf, shardOf } from '../../src-shared/pages.ts';
import { figure } from '../report/figures.ts';

const HOTKEYS = 256;
const ROUNDS = 40;
const PAGES = 5;
/** Shards of different sizes, as data sets have them; their number less one is even, which `tail` wants. */
const ROW_GROUPS = Array.from({ length: 51 }, (_, shard) => 4 + ((shard * 7) % 13));

/**
 * How evenly the pages of many members over many rounds fall on shards: how often mere chance is as uneven as that. Of
 * 100 fair rules one falls below the floor, so the draws are the same each time.
 */
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
  const perShard = draws / ROW_GROUPS.length;
  const overShards = chiSquare(
    counts.map((groups) => ({ found: groups.reduce((sum, n) => sum + n), expected: perShard })),
  );
  const overGroups = chiSquare(
    counts.flatMap((groups) =>
      Array.from(groups, (found) => ({ found, expected: perShard / groups.length })),
    ),
  );
  const cells = ROW_GROUPS.reduce((sum, size) => sum + size);
  const degree = (overGroups / (cells - 1)).toFixed(2);
  return figure('page-chi-square', tail(overShards, ROW_GROUPS.length - 1), 'p', {
    floor: 0.01,
    seen: `${draws} draws over ${ROW_GROUPS.length} shards; over their ${cells} row groups ${degree} a degree of freedom`,
  });
}

const chiSquare = (cells: readonly { readonly found: number; readonly expected: number }[]): number =>
  cells.reduce((sum, { found, expected }) => sum + (found - expected) ** 2 / expected, 0);

/**
 * Share of chance's chi-squares that are as large, for an even number of degrees: exp(-x/2) times the first degrees / 2
 * terms of the series of exp(x/2).
 */
function tail(x: number, degrees: number): number {
  let term = Math.exp(-x / 2);
  let sum = 0;
  for (let k = 0; k < degrees / 2; k += 1) {
    sum += term;
    term *= x / 2 / (k + 1);
  }
  return sum;
}
