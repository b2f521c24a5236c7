import { describe, expect, it } from 'vitest';
import type { Loss } from '../../../bench/swarm/simulator/exchange.ts';
import { SimGroup, type SimPeer, simPeer } from '../../../bench/swarm/simulator/group.ts';
import { homeOf } from '../../../bench/swarm/simulator/homes.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { standbysAskAtMs } from '../../../src-shared/rounds/exchange-times.ts';
import { testConsensus } from '../../src-worker/swarm/round.ts';

/** 1.3 million parameters in 2.6 MB of fp16; an exchange of ten seconds. */
const consensus = testConsensus({ exchangeBlocks: 10, slackMs: 500 }, 16_384);
const STEP_MS = 10;
const whole = { zeroMs: () => 0, losses: () => [], stepMs: STEP_MS };
const homes = (...mbit: readonly number[]) => mbit.map((rate, i) => simPeer(i, homeOf(rate)));
const lies = (lie: SimPeer['lie']) => [...homes(8, 8, 8), simPeer(3, homeOf(8), { lie })];
const lost = (of: number, atMs: number, kind: Loss['kind']) => (): Loss[] =>
  Array.from({ length: of }, (_, member) => ({ member, atMs, kind }));

describe('a simulated round', () => {
  it('is as long as the lines want it, and takes everything of everybody', () => {
    const { voided, covered, taken, overMs, bytes } = new SimGroup(consensus, 1).play({
      ...whole,
      present: homes(8, 8, 8, 8),
    });
    expect({ voided, covered, taken }).toEqual({ voided: null, covered: 1, taken: [1, 1, 1, 1] });
    const contribution = 2 * parameterCount(consensus.model);
    // Each way three quarters of a contribution and of a mean, and a little around them.
    expect(Math.max(...bytes) / contribution).toBeGreaterThan(3);
    expect(Math.max(...bytes) / contribution).toBeLessThan(3.1);
    const boundMs = (1.5 * contribution) / 1_000;
    expect(Math.max(...overMs.map(Number)) / boundMs).toBeGreaterThan(1);
    expect(Math.max(...overMs.map(Number)) / boundMs).toBeLessThan(1.3);
  });

  it('sends nothing twice where lines are just quick enough for the exchange', () => {
    const { covered, taken, overMs, bytes, exchanged } = new SimGroup(consensus, 1).play({
      ...whole,
      present: homes(3.9, 3.9, 3.9, 3.9),
    });
    expect({ covered, taken }).toEqual({ covered: 1, taken: [1, 1, 1, 1] });
    expect(Math.max(...overMs.map(Number))).toBeGreaterThan(
      standbysAskAtMs(exchanged.members[0]!.plan.times),
    );
    expect(Math.max(...bytes) / (2 * parameterCount(consensus.model))).toBeLessThan(3.1);
  });

  it('is the same when it is played again', () => {
    const play = () => new SimGroup(consensus, 2).play({ ...whole, present: homes(8, 4, 8, 2) });
    expect(play().overMs).toEqual(play().overMs);
  });

  it('takes of a member that is too slow its share, and the others do not wait for it', () => {
    const { voided, covered, taken, roster, peers } = new SimGroup(consensus, 1).play({
      ...whole,
      present: homes(20, 20, 20, 2),
    });
    expect({ voided, covered }).toEqual({ voided: null, covered: 1 });
    const slow = peers.findIndex(({ line }) => line.upBytesPerS === homeOf(2).upBytesPerS);
    expect(roster.members[slow]!.weight).toBeGreaterThan(0);
    expect(taken[slow]).toBeLessThan(0.9);
    expect(taken[slow]).toBeGreaterThan(0.5);
    for (const [i, share] of taken.entries()) if (i !== slow) expect(share).toBeGreaterThan(0.95);
  });

  it.each(['killed', 'silent'] as const)(
    'commits without a reducer that is %s: standbys sum its part',
    (kind) => {
      const { voided, covered, overMs } = new SimGroup(consensus, 1).play({
        ...whole,
        present: homes(20, 20, 20, 20),
        losses: lost(1, 50, kind),
      });
      expect({ voided, covered }).toEqual({ voided: null, covered: 1 });
      expect(overMs[0]).toBeNull();
    },
  );

  it('is void when half of the members are lost at once', () => {
    const { voided } = new SimGroup(consensus, 1).play({
      ...whole,
      present: homes(20, 20, 20, 20),
      losses: lost(2, 50, 'silent'),
    });
    expect(voided).toBe('list');
  });

  it.each([
    ['values', 0],
    ['none', 1],
    ['clock', 1],
    ['rate', 1],
  ] as const)('commits beside one that lies about its %s', (lie, share) => {
    const group = new SimGroup(consensus, 1);
    const { voided, covered, taken, peers, roster } = group.play({ ...whole, present: lies(lie) });
    expect({ voided, covered }).toEqual({ voided: null, covered: 1 });
    const liar = peers.findIndex((peer) => peer.lie !== null);
    for (const [i, one] of taken.entries())
      expect(one).toBeGreaterThanOrEqual(i === liar ? Math.min(share, 0.9) : 0.95);
    if (lie === 'values') expect(taken[liar]).toBeLessThan(0.4);
    expect(Math.max(...roster.members.map(({ chunkCount }) => chunkCount)) * 2).toBeLessThanOrEqual(82);
  });

  it('gives validators the results and no part', () => {
    const { voided, roster, exchanged } = new SimGroup(consensus, 1).play({
      ...whole,
      present: [...homes(8, 8, 8), simPeer(9, homeOf(8), { weight: 0 })],
    });
    expect(voided).toBeNull();
    const validator = roster.members.findIndex(({ weight }) => weight === 0);
    expect(roster.members[validator]!.chunkCount).toBe(0);
    expect(roster.members.flatMap((_, i) => exchanged.members[validator]!.held(i) ?? [])).toHaveLength(4);
  });
});
