import type { PlayedSwarm } from '../../test/integrity/swarm.ts';
import { type Figure, figure } from '../report/figures.ts';
import { type Cheat, type CheatRun, cheatRuns, earnedShare } from './cheats.ts';
import {
  EPOCHS,
  honestMiner,
  honestPay,
  isHonestOnOwnLine,
  minersWith,
  type PlannedRun,
  played,
  SWARM,
  validatorsWith,
} from './runs.ts';
import { judgedOf } from './verdicts.ts';

const held = { floor: 0.05, goal: 0.01 };
const UNIT = 'of an honest pay';

/** The pay of each cheat of a run less that of the honest work it did, over an honest miner's. */
const cheating = ({ cheats, beside, ...others }: CheatRun): PlannedRun => ({
  figures: cheats.map(({ name }) => `gain-${name}`),
  play: () =>
    played({ ...others, miners: minersWith([...beside, ...cheats.flatMap(({ seats }) => seats)]) }, (swarm) =>
      cheats.map((cheat) => gainOf(swarm, cheat)),
    ),
});

function gainOf(swarm: PlayedSwarm, { name, did }: Cheat): Figure {
  const cheaters = swarm.members.filter(({ part }) => part.role === 'miner' && part.adversary === name);
  const paidIn = (which?: 'before', of = cheaters) => {
    const pays = of.map((member) => swarm.economy.paid(swarm.uidOf(member), EPOCHS, which));
    return pays.reduce((sum, pay) => sum + pay, 0) / pays.length / honestPay(swarm, which);
  };
  const paid = paidIn();
  const beside = swarm.members.filter(isHonestOnOwnLine);
  const earned = did ? earnedShare(did) : paidIn(undefined, beside);
  const seen = [
    `paid ${paid.toFixed(3)}, earned ${earned.toFixed(3)}, paid in the beginning ${paidIn('before').toFixed(3)}`,
    judgedOf(swarm, cheaters[0]!),
    ...beside.slice(0, 1).map((member) => `honest on such a line: ${judgedOf(swarm, member)}`),
  ].join('; ');
  return figure(`gain-${name}`, paid - earned, UNIT, { ...held, seen });
}

/** What a miner is paid that was never there, and whom a colluding validator gives everything. */
export function idleGain({ members, economy, ...swarm }: PlayedSwarm): Figure {
  const paid = economy.paid(members.length, EPOCHS) / honestPay({ members, economy, ...swarm });
  const seen = `${economy.epochs.length} epochs paid`;
  return figure('gain-colluding-validator', paid, UNIT, { ...held, seen });
}

/** Rounds that a third witness, which votes for what is not so, kept from their outcome or gave another one. */
const falseWitness: PlannedRun = {
  figures: ['gain-false-witness'],
  play: () =>
    played(
      {
        validators: validatorsWith('false-witness'),
        miners: Array.from({ length: SWARM }, () => honestMiner),
      },
      (swarm) => [outcomesChanged(swarm)],
    ),
};

function outcomesChanged({ members }: PlayedSwarm): Figure {
  const honest = members.filter(({ part }) => part.adversary === null);
  const bases = new Set(honest.map(({ rounds }) => rounds.standing.baseDigest));
  const history = honest[0]!.rounds.history;
  const kept = history.filter(({ outcome }) => outcome === 'committed').length;
  const changed = bases.size === 1 ? (history.length - kept) / Math.max(1, history.length) : 1;
  const seen = `${kept} of ${history.length} rounds committed, ${bases.size} base among the honest`;
  return figure('gain-false-witness', changed, 'of outcomes', { ...held, seen });
}

export const gainRuns: readonly PlannedRun[] = [...cheatRuns.map(cheating), falseWitness];
