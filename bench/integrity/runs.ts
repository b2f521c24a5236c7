import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Member } from '../../test/integrity/member.ts';
import { type PlayedSwarm, type Seat, startSwarm } from '../../test/integrity/swarm.ts';
import type { Figure } from '../report/figures.ts';

/** Miners of a swarm. */
export const SWARM = 16;
/** Those that count. An epoch is a round. */
export const EPOCHS = 10;
/**
 * Rounds before them: a look a round tells who helps after eight, averages take some more to follow, and until then
 * everybody is a newcomer and paid alike.
 */
const BEGINNING = 14;
const ROUNDS = BEGINNING + EPOCHS;

export const honestMiner: Seat = { role: 'miner', adversary: null };
export const honestValidator: Seat = { role: 'validator', adversary: null };

/** Two honest validators and a dishonest one. */
export const validatorsWith = (adversary: Adversary): readonly Seat[] => [
  honestValidator,
  honestValidator,
  { role: 'validator', adversary },
];

/** The third one gives everything to whom the honest ones give least. */
export const twoOfThree = validatorsWith('colluding-validator');

/** Honest ones in front, the others behind them. */
export const minersWith = (others: readonly Seat[], size = SWARM): readonly Seat[] => [
  ...Array.from({ length: size - others.length }, () => honestMiner),
  ...others,
];

/** A run, and the figures that come of it, in their order. */
export interface PlannedRun {
  readonly figures: readonly string[];
  play(): Promise<readonly Figure[]>;
}

export interface RunOptions {
  readonly validators?: readonly Seat[];
  readonly miners: readonly Seat[];
  readonly idle?: number;
  readonly rounds?: number;
  readonly consensus?: (usual: Consensus) => Consensus;
  between?(swarm: PlayedSwarm, round: number): Promise<void> | void;
}

/** Plays a swarm to its end and looks at it then. */
export async function played<T>(
  { validators = twoOfThree, rounds = ROUNDS, between, ...others }: RunOptions,
  look: (swarm: PlayedSwarm) => Promise<T> | T,
): Promise<T> {
  const swarm = await startSwarm({ validators, ...others });
  try {
    await swarm.play(rounds, (round) => between?.(swarm, round));
    return await look(swarm);
  } finally {
    await swarm.stop();
  }
}

export const isHonestMiner = ({ part }: Member): boolean => part.role === 'miner' && part.adversary === null;

export const isHonestOnOwnLine = (member: Member): boolean =>
  isHonestMiner(member) && member.part.bytesPerS !== undefined;

/** What an honest miner on everybody's line was paid in the epochs that count, or before them; their mean. */
export function honestPay({ members, economy, uidOf }: PlayedSwarm, which?: 'before'): number {
  const usual = members.filter((member) => isHonestMiner(member) && !isHonestOnOwnLine(member));
  const pays = usual.map((member) => economy.paid(uidOf(member), EPOCHS, which));
  return pays.reduce((sum, pay) => sum + pay, 0) / pays.length;
}
