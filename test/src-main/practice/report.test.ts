import { describe, expect, it } from 'vitest';
import { type PracticeReport, type ReportedMiner, shortcomings } from '../../../src-main/practice/report.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const miner = (
  name: string,
  earned: bigint,
  adversary: ReportedMiner['adversary'] = null,
): ReportedMiner => ({
  hotkey: ss58(name),
  role: 'miner',
  adversary,
  scores: { bandwidth: 1, gradient: 1, steps: 1, allReduce: 1 },
  stakeRaoStart: '5',
  stakeRaoEnd: (5n + earned).toString(),
  stakeRaoProven: null,
  evidence: [],
});

const report = (over: Partial<PracticeReport> = {}): PracticeReport => ({
  profile: 'practice',
  unigramEntropy: 6.8,
  heldOutLoss: [],
  rounds: Array.from({ length: 20 }, (_, round) => ({
    round,
    members: 3,
    committed: true,
    durationMs: 1,
    bytes: 1,
    digests: { [ss58('a')]: hex('aa'), [ss58('b')]: hex('aa') },
  })),
  miners: [miner('a', 1_000n), miner('b', 2_000n), miner('rider', 0n, 'free-rider')],
  timings: { firstCommitMs: 1, firstScoresMs: 1, firstEarningsMs: 1 },
  memory: [],
  hostDelayP99Ms: 1,
  processesLeft: 0,
  ...over,
});

const withRound = (index: number, change: object) =>
  report({ rounds: report().rounds.map((round, i) => (i === index ? { ...round, ...change } : round)) });

describe('a practice', () => {
  it('passes when everything came true', () => {
    expect(shortcomings(report(), 20)).toEqual([]);
  });

  it('passes with one void round of twenty', () => {
    expect(shortcomings(withRound(3, { committed: false }), 20)).toEqual([]);
  });

  it('fails with two void rounds of twenty', () => {
    const rounds = report().rounds.map((round, i) => ({ ...round, committed: i > 1 }));
    expect(shortcomings(report({ rounds }), 20)).toEqual(['18 of 20 rounds committed']);
  });

  it('passes where the one round that is void besides is that of a lie that was proven', () => {
    const rounds = report().rounds.map((round, i) => ({ ...round, committed: i > 1 }));
    const liar = { ...miner('liar', 10n, 'lying-reducer'), stakeRaoProven: '15' };
    expect(shortcomings(report({ rounds, miners: [miner('a', 1_000n), liar] }), 20)).toEqual([]);
  });

  it('passes when only a dishonest one says another digest', () => {
    const liar: ReportedMiner = { ...miner('b', 0n, 'false-witness'), role: 'validator' };
    const digests = { [ss58('a')]: hex('aa'), [ss58('b')]: hex('bb') };
    const told = { ...withRound(7, { digests }), miners: [miner('a', 1_000n), liar] };
    expect(shortcomings(told, 20)).toEqual([]);
  });

  it('fails when a committed round has two digests', () => {
    const digests = { [ss58('a')]: hex('aa'), [ss58('b')]: hex('bb') };
    expect(shortcomings(withRound(7, { digests }), 20)).toEqual(['round 7 has 2 digests']);
  });

  it('fails when a committed round has no digest', () => {
    expect(shortcomings(withRound(7, { digests: {} }), 20)).toEqual(['round 7 has 0 digests']);
  });

  it('fails when an honest miner was not paid', () => {
    const miners = [miner('a', 0n), miner('b', 2_000n)];
    expect(shortcomings(report({ miners }), 20)).toEqual(['a was honest and not paid']);
  });

  it('fails when the free rider earned a twentieth of an honest miner', () => {
    const miners = [miner('a', 1_000n), miner('rider', 50n, 'free-rider')];
    expect(shortcomings(report({ miners }), 20)).toEqual(['rider (free-rider) was paid']);
  });

  it('lets a liar keep what it had earned before the proof, and fails when it is paid after it', () => {
    const liar = (paid: bigint) => ({
      ...miner('liar', 900n, 'lying-reducer'),
      stakeRaoProven: (5n + 900n - paid).toString(),
    });
    const judged = (one: ReportedMiner) => shortcomings(report({ miners: [miner('a', 1_000n), one] }), 20);
    expect(judged(liar(0n))).toEqual([]);
    expect(judged(liar(1n))).toEqual(['liar (lying-reducer) was paid']);
  });

  const judgedAfter = (rounds: number, one: ReportedMiner) => {
    const [first] = report().rounds;
    const committed = Array.from({ length: rounds }, (_, round) => ({ ...first!, round }));
    return shortcomings(report({ rounds: committed, miners: [miner('a', 1_000n), one] }), rounds);
  };

  it('lets who does half of the work have what half of the work earns, once looks have told', () => {
    const judged = (rounds: number, earned: bigint) =>
      judgedAfter(rounds, miner('half', earned, 'half-worker'));
    expect(judged(14, 2_000n)).toEqual([]);
    expect(judged(200, 860n)).toEqual([]);
    expect(judged(200, 870n)).toEqual(['half (half-worker) was paid']);
  });

  it('takes an honest miner that missed nothing for the measure', () => {
    const judged = (earned: bigint) => {
      const miners = [miner('a', 1_000n), miner('late', 200n), miner('two', earned, 'equivocator')];
      return shortcomings(report({ miners }), 20);
    };
    expect(judged(1_040n)).toEqual([]);
    expect(judged(1_050n)).toEqual(['two (equivocator) was paid']);
  });

  it('lets who is found by looks alone be a newcomer, and no longer', () => {
    const judged = (rounds: number, earned: bigint) => judgedAfter(rounds, miner('one', earned, 'decoy'));
    expect(judged(4, 2_000n)).toEqual([]);
    expect(judged(20, 740n)).toEqual([]);
    expect(judged(20, 750n)).toEqual(['one (decoy) was paid']);
  });

  it('passes when the free rider earned less than a twentieth', () => {
    const miners = [miner('a', 1_000n), miner('rider', 49n, 'free-rider')];
    expect(shortcomings(report({ miners }), 20)).toEqual([]);
  });
});
