import { rankCorrelation } from '../../src-shared/scoring/rank-correlation.ts';
import { LINE_BYTES_PER_S } from '../../test/integrity/profile.ts';
import { slowerLabour } from '../../test/integrity/slower.ts';
import type { PlayedSwarm, Seat } from '../../test/integrity/swarm.ts';
import { type Figure, figure } from '../report/figures.ts';
import { idleGain } from './gains.ts';
import {
  honestMiner,
  honestValidator,
  isHonestMiner,
  minersWith,
  type PlannedRun,
  played,
  SWARM,
  twoOfThree,
} from './runs.ts';

/** Of 16 a round, one each that restarts, sleeps and is slow: about a fifth. */
const TROUBLES = ['restart', 'sleep', 'slow'] as const;
const SLOWED = 1 / 50;

/** What an honest miner loses because somebody found of it what is not so; and what one is paid that was never there. */
const calm: PlannedRun = {
  figures: ['honest-loss', 'gain-colluding-validator'],
  play: () =>
    played({ validators: twoOfThree, miners: minersWith([]), idle: 1 }, (swarm) => [
      lossIn(swarm, 'honest-loss', { floor: 0.02, goal: 0 }),
      idleGain(swarm),
    ]),
};

/** The same while a fifth of the miners is in some trouble in each round. */
const rough: PlannedRun = {
  figures: ['honest-loss-rough'],
  play: () =>
    played({ validators: twoOfThree, miners: minersWith([]), between: trouble }, (swarm) => [
      lossIn(swarm, 'honest-loss-rough', { floor: 0.05, goal: 0.01 }),
    ]),
};

async function trouble(swarm: PlayedSwarm, round: number): Promise<void> {
  const troubled = (at: number, which: number) =>
    twoOfThree.length + ((at * TROUBLES.length + which) % SWARM);
  if (round > 0) {
    swarm.sleep(troubled(round - 1, 1), false);
    swarm.slow(troubled(round - 1, 2), LINE_BYTES_PER_S);
  }
  await swarm.restart(troubled(round, 0));
  swarm.sleep(troubled(round, 1), true);
  swarm.slow(troubled(round, 2), LINE_BYTES_PER_S * SLOWED);
}

const GATES: ReadonlySet<string> = new Set(['gradient', 'honesty']);

/**
 * By the rows of evidence: of each round that concerned an honest miner, how far the gates of its score stand below those
 * of the best honest one. Who was away for an epoch did not work, and was found so.
 */
function lossIn({ members }: PlayedSwarm, name: string, held: { floor: number; goal: number }): Figure {
  const honest = new Set(members.filter(isHonestMiner).map(({ part }) => part.hotkey));
  const gates = new Map<string, Map<string, number>>();
  const codes = new Map<string, number>();
  for (const [validator, { part, evidence }] of members.entries()) {
    if (part.role !== 'validator' || part.adversary !== null) continue;
    for (const { hotkey, round, term, value, why } of evidence) {
      if (!honest.has(hotkey) || !GATES.has(term) || value === null || why.code === 'absent-for-an-epoch')
        continue;
      const key = `${validator} ${round}`;
      const of = gates.get(key) ?? new Map<string, number>();
      gates.set(key, of.set(hotkey, (of.get(hotkey) ?? 1) * value));
      codes.set(why.code, (codes.get(why.code) ?? 0) + 1);
    }
  }
  const losses = [...gates.values()].flatMap((of) => {
    const best = Math.max(...of.values());
    return [...of.values()].map((gate) => (best > 0 ? 1 - gate / best : 0));
  });
  const lost = losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
  const seen = `${losses.length} verdicts; ${[...codes].map(([code, count]) => `${code} ${count}`).join(', ')}`;
  return figure(name, lost, 'of the score', { ...held, seen });
}

/** Three honest validators over miners of every speed: how alike they rank them. */
const agreement: PlannedRun = {
  figures: ['agreement'],
  play: async () => [await agreed()],
};

async function agreed(): Promise<Figure> {
  const validators = [honestValidator, honestValidator, honestValidator];
  const miners = Array.from(
    { length: SWARM },
    (_, i): Seat => ({
      ...honestMiner,
      labour: slowerLabour(1 + Math.floor(i / 2)),
      bytesPerS: LINE_BYTES_PER_S / (1 + (i % 4)),
    }),
  );
  return played({ validators, miners }, ({ chain, members }) => {
    const uids = members.map((_, uid) => uid).slice(validators.length);
    const rows = members.slice(0, validators.length).map(({ part }) => {
      const set = new Map((chain.weights.get(part.hotkey) ?? []).map(({ uid, weight }) => [uid, weight]));
      return uids.map((uid) => set.get(uid) ?? 0);
    });
    const pairs = rows.flatMap((row, i) =>
      rows.slice(i + 1).map((other) => rankCorrelation(row, other) ?? 0),
    );
    const seen = `of each pair ${pairs.map((pair) => pair.toFixed(4)).join(', ')}`;
    return figure('agreement', Math.min(...pairs), 'rank correlation', { floor: 0.95, goal: 0.99, seen });
  });
}

export const honestRuns: readonly PlannedRun[] = [calm, rough, agreement];
