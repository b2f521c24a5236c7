import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { PlayedSwarm, Seat } from '../../test/integrity/swarm.ts';
import { type Figure, figure } from '../report/figures.ts';
import { honestMiner, honestValidator, minersWith, type PlannedRun, played } from './runs.ts';

const MINERS = 8;
const ROUNDS = 12;
const HELD_OUT_WINDOWS = 24;
const held = { floor: 1.01, goal: 1 };

/**
 * Held-out loss of a swarm of eight with a poisoner among them whose means are winsorized, over that of eight honest ones
 * by the plain mean after as many rounds. By either mean whoever is found to do harm is left out (decision 104).
 */
export const poisonedRun: PlannedRun = {
  figures: ['poisoned-loss'],
  play: async () => [await poisonedLoss()],
};

async function poisonedLoss(): Promise<Figure> {
  const allHonest = Array.from({ length: MINERS }, () => honestMiner);
  const withOut = await lossOf(allHonest);
  const withPoisoner = minersWith([{ role: 'miner', adversary: 'poisoner' }], MINERS);
  const poisoned = await lossOf(withPoisoner);
  const robust = await lossOf(withPoisoner, winsorized);
  const winsorizedAlone = await lossOf(allHonest, winsorized);
  const seen = [
    `${robust.toFixed(4)} over ${withOut.toFixed(4)} after ${ROUNDS} rounds`,
    `${(poisoned / withOut).toFixed(4)} by the plain mean`,
    `${(winsorizedAlone / withOut).toFixed(4)} of eight honest ones whose means are winsorized`,
  ].join('; ');
  return figure('poisoned-loss', robust / withOut, 'of the honest loss', { ...held, seen });
}

const winsorized = ({ codec, ...usual }: Consensus): Consensus => ({
  ...usual,
  codec: { ...codec, mean: 'winsorized' },
});

const lossOf = (miners: readonly Seat[], consensus = (usual: Consensus) => usual): Promise<number> =>
  played({ validators: [honestValidator], miners, rounds: ROUNDS, consensus }, heldOutLoss);

async function heldOutLoss({ members }: PlayedSwarm): Promise<number> {
  const asked = { windows: HELD_OUT_WINDOWS };
  const { loss } = await members[0]!.train.call('evaluate', asked, new AbortController().signal);
  return loss;
}
