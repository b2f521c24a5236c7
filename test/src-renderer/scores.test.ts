import { describe, expect, it } from 'vitest';
import { peerRows } from '../../src-renderer/state/peer-rows.ts';
import { scoreFormula } from '../../src-renderer/state/score-formula.ts';
import { medianOf, plainGates, rankOf, scoreTiles } from '../../src-renderer/state/score-tiles.ts';
import { mineOf, training } from '../e2e/page/scenes.ts';

const view = mineOf(training(0));
if (!view.scores || !view.swarm) throw new Error('the scene has scores and a swarm');
const { scores, swarm } = { scores: view.scores, swarm: view.swarm };

describe('score tiles', () => {
  it('are drawn from the model: what is no gate, and the gradient', () => {
    expect(scoreTiles(scores).map(({ id }) => id)).toEqual(['gradient', 'steps', 'bandwidth', 'allReduce']);
    expect(plainGates(scores).map(({ id }) => id)).toEqual(['identity', 'honesty']);
  });

  it('follow a model that names other parts', () => {
    const terms = [{ id: 'honesty' as const, label: 'Honesty', meaning: '' }];
    const other = { ...scores, model: { ...scores.model, terms, gates: [] } };
    expect(scoreTiles(other)).toMatchObject([{ id: 'honesty', value: null, share: null, median: null }]);
  });

  it('keep an unmeasured value apart from zero', () => {
    const unmeasured = { ...scores, mine: null };
    expect(scoreTiles(unmeasured).every(({ value, share }) => value === null && share === null)).toBe(true);
  });

  it('fill the bar at one, and above', () => {
    const steps = scoreTiles(scores).find(({ id }) => id === 'steps');
    expect(steps).toMatchObject({ value: 1.07, share: 1 });
    expect(scoreTiles(scores).find(({ id }) => id === 'allReduce')).toMatchObject({ value: 1, share: 1 });
  });

  it('place the median of those that were measured', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([1, 2])).toBe(1.5);
    expect(medianOf([])).toBeNull();
  });

  it('rank by the moving average', () => {
    expect(rankOf(scores)).toEqual({ rank: 1, of: 4 });
    const behind = { ...scores, mine: scores.mine && { ...scores.mine, average: 0.5 } };
    expect(rankOf(behind)?.rank).toBe(4);
    expect(rankOf({ ...scores, mine: null })).toBeNull();
  });

  it('write the formula out', () => {
    expect(scoreFormula(scores.model)).toBe(
      'Identity × Gradient × Honesty × (0.5 Steps + 0.25 Bandwidth + 0.25 All-reduce)',
    );
  });
});

describe('the swarm table', () => {
  const rows = peerRows(swarm.peers);

  it('puts you first and then goes by uid', () => {
    expect(rows.map(({ peer }) => (peer.self ? 'you' : peer.uid))).toEqual(['you', 2, 4, 5, 6]);
  });

  it('marks a refused gradient as a fault, in words', () => {
    expect(rows.at(-1)).toMatchObject({ tone: 'fault', word: 'gradient refused' });
  });

  it('says that a peer is away', () => {
    const [first] = swarm.peers;
    if (!first) throw new Error('the scene has peers');
    expect(peerRows([{ ...first, connected: false, state: 'away' }])).toMatchObject([
      { tone: 'quiet', word: 'not connected' },
    ]);
  });
});
