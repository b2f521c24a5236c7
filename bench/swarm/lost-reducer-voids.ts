import { type Figure, figure } from '../report/figures.ts';
import type { Loss } from './simulator/exchange.ts';
import { SimGroup, simPeer } from './simulator/group.ts';
import { gpt2Small, homeOf, ROSTER_WITHIN_MS, STEP_MS } from './simulator/homes.ts';
import { seeded } from './simulator/random.ts';

const MEMBERS = 8;
const LOSS = 0.05;
/** At this pace the lines are busy for nearly the whole main share, so nobody is lost when all is over. */
const MEMBER_MBIT = 10;
const VALIDATOR_MBIT = 100;
/** Rounds played with so many members lost, by their number; more than the last are taken as void. */
const ROUNDS = [1, 12, 40, 40, 20] as const;

/**
 * The share of rounds that are void where each of eight members is lost with 5 % somewhere in the exchange, killed or
 * silent, and a validator beside them is the witness. Rounds are played apart for each number of lost members and
 * weighed by how likely that number is: so few rounds say more than chance.
 */
export async function lostReducerVoids(): Promise<Figure> {
  const random = seeded(7);
  let share = 1 - ROUNDS.reduce((sum, _, lost) => sum + chanceOf(lost), 0);
  const seen: string[] = [];
  for (const [lost, rounds] of ROUNDS.entries()) {
    let voids = 0;
    for (let i = 0; i < rounds; i++) if (isVoid(lost, random)) voids++;
    share += (chanceOf(lost) * voids) / rounds;
    seen.push(`${voids} of ${rounds} with ${lost} lost`);
  }
  return figure('lost-reducer-voids', share, 'of rounds', {
    ...{ floor: 0.02, goal: 0.005, seen: `simulated, void: ${seen.join(', ')}` },
  });
}

/** Whether one round is void in which so many members are lost, drawn with their times. */
function isVoid(lost: number, random: () => number): boolean {
  const consensus = gpt2Small();
  const members = Array.from({ length: MEMBERS }, (_, i) => simPeer(i, homeOf(MEMBER_MBIT)));
  const witness = simPeer(MEMBERS, homeOf(VALIDATOR_MBIT), { weight: 0 });
  const exchangeMs = consensus.reduce.exchangeBlocks * consensus.clock.blockMs;
  const group = new SimGroup(consensus, Math.floor(random() * 2 ** 20));
  const { voided } = group.play({
    present: [...members, witness],
    zeroMs: () => random() * ROSTER_WITHIN_MS,
    losses: ({ members }) => {
      const working = members.flatMap(({ weight }, i) => (weight > 0 ? [i] : []));
      return Array.from({ length: lost }, (): Loss => {
        const [member] = working.splice(Math.floor(random() * working.length), 1);
        const kind = random() < 0.5 ? 'killed' : 'silent';
        return { member: member!, atMs: random() * exchangeMs, kind };
      });
    },
    stepMs: STEP_MS,
  });
  return voided !== null;
}

/** Binomial. */
function chanceOf(lost: number): number {
  let ways = 1;
  for (let i = 0; i < lost; i++) ways = (ways * (MEMBERS - i)) / (i + 1);
  return ways * LOSS ** lost * (1 - LOSS) ** (MEMBERS - lost);
}
