import { describe, expect, it } from 'vitest';
import { recordRun } from '../../../src-main/runs/record.ts';
import type { Work } from '../../../src-main/runs/work.ts';
import type { Store } from '../../../src-main/store/store.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { alphaRao } from '../../../src-shared/units.ts';

const settled = {
  summary: {
    ...{ round: 4, outcome: 'committed', members: 3, contributed: true, durationMs: 5, heldOutLoss: null },
    ...{ reason: null, edges: [] },
  },
  ...{ round: { report: null }, baseDigest: null },
};

function rig(snapshot: unknown) {
  const [train, swarm, rounds] = [0, 1, 2].map(() => listeners<Record<string, unknown>>());
  const added: [string, Record<string, unknown>][] = [];
  const run = {
    ...{ train, swarm, hotkey: '5Mine', chain: { snapshot } },
    rounds: { on: rounds?.on, heldOut: [], history: [{ round: 4 }] },
  } as unknown as Work;
  const store = { add: (table: string, row: Record<string, unknown>) => void added.push([table, row]) };
  const recorder = recordRun(run, 9, store as unknown as Store);
  return { recorder, added, settle: () => rounds?.emit('settled', settled) };
}

describe('the record of a run', () => {
  it('keeps where the hotkey stood on its chain when a round was over, shares as parts of one', () => {
    const neuron = { hotkey: '5Mine', stakeAlpha: alphaRao(7n), emissionAlpha: alphaRao(2n) };
    const snapshot = {
      block: { number: 77 },
      neurons: [
        { hotkey: '5Other' },
        { ...neuron, incentive: 65_535, dividends: 13_107, consensus: 6_553.5, trust: null },
      ],
    };
    const { added, settle } = rig(snapshot);
    settle();
    expect(added.map(([table]) => table)).toEqual(['round', 'standing']);
    expect(added[1]?.[1]).toEqual({
      ...{ runId: 9, round: 4, atMs: expect.any(Number), block: 77, stakeAlpha: 7n, emissionAlpha: 2n },
      ...{ incentive: 1, dividends: 0.2, consensus: 0.1, trust: null },
    });
  });

  it.each([
    ['no block was read yet', null],
    ['the hotkey has no place', { block: { number: 77 }, neurons: [{ hotkey: '5Other' }] }],
  ])('keeps nothing of it where %s', (_why, snapshot) => {
    const { added, settle } = rig(snapshot);
    settle();
    expect(added.map(([table]) => table)).toEqual(['round']);
  });

  it('keeps the number of whom a score is about', () => {
    const { recorder, added } = rig(null);
    const card = { hotkey: '5Mine', uid: 7, total: 1, average: 0.5, weightShare: null, terms: {} };
    recorder.keepScores({ validator: '5V', round: 12, updatedAtMs: 3, cards: [card] } as never);
    expect(added).toEqual([
      [
        'score',
        expect.objectContaining({ round: 12, hotkey: '5Mine', uid: 7, atMs: 3, total: 1, average: 0.5 }),
      ],
    ]);
  });
});
