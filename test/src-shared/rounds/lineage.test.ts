import { describe, expect, it } from 'vitest';
import { resultId } from '../../../src-shared/rounds/ids.ts';
import { extendLineage, verifyLineage } from '../../../src-shared/rounds/lineage.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';

const digest = (n: number): Hex => hex(n.toString(16).padStart(64, '0'));
const genesis = { round: -1, id: digest(1), baseDigest: digest(2) };
const entries = [0, 1, 3].map((round) => ({
  round,
  rosterDigest: digest(10 + round),
  resultsDigest: digest(30 + round),
  baseDigest: digest(20 + round),
}));
const ids: Hex[] = [];
for (const entry of entries) ids.push(resultId(ids.at(-1) ?? genesis.id, entry));

describe('lineage', () => {
  it('leads from the initial weights to the base that the chain names', () => {
    expect(verifyLineage(entries, genesis, ids[2]!)?.at(-1)).toEqual({
      round: 3,
      id: ids[2],
      baseDigest: entries[2]!.baseDigest,
    });
  });

  it('is empty for the initial weights', () => {
    expect(verifyLineage([], genesis, genesis.id)).toEqual([genesis]);
  });

  it('may go on behind the base that is looked for', () => {
    expect(verifyLineage(entries, genesis, ids[1]!)).toHaveLength(3);
  });

  it('is refused when it does not reach that base', () => {
    expect(verifyLineage(entries.slice(0, 2), genesis, ids[2]!)).toBeNull();
    expect(verifyLineage([], genesis, ids[0]!)).toBeNull();
  });

  it('is refused with one digest changed, one round left out or two swapped', () => {
    const changed = entries.map((entry, i) => (i === 1 ? { ...entry, baseDigest: digest(99) } : entry));
    expect(verifyLineage(changed, genesis, ids[2]!)).toBeNull();
    expect(verifyLineage([entries[0]!, entries[2]!], genesis, ids[2]!)).toBeNull();
    expect(verifyLineage([entries[1]!, entries[0]!, entries[2]!], genesis, ids[2]!)).toBeNull();
  });

  it('is refused from another beginning', () => {
    expect(verifyLineage(entries, { ...genesis, id: digest(7) }, ids[2]!)).toBeNull();
  });

  it('takes a settled round once', () => {
    const at = (n: number) => ({ genesisId: genesis.id, id: ids[n]! });
    expect(extendLineage([], entries[0]!, at(0))).toEqual(entries.slice(0, 1));
    const grown = extendLineage(entries.slice(0, 2), entries[2]!, at(2));
    expect(grown).toEqual(entries);
    expect(extendLineage(grown, entries[2]!, at(2))).toBe(grown);
  });

  it('is not begun in the middle by who lost it', () => {
    expect(extendLineage([], entries[2]!, { genesisId: genesis.id, id: ids[2]! })).toEqual([]);
  });
});
