import { type Figure, figure } from '../report/figures.ts';
import { SimGroup, type SimRound, simPeer } from './simulator/group.ts';
import { gpt2Small, homeOf, ROSTER_WITHIN_MS, STEP_MS } from './simulator/homes.ts';
import { seeded } from './simulator/random.ts';

const MBIT = [50, 50, 50, 50, 50, 50, 10, 10] as const;
const SLOW_MBIT = 10;
/** The first one knows no rates, the second those of the first; the third is what goes on. */
const ROUNDS = 3;

/** Six homes at 50 Mbit and two at 10, both ways, with the parameters of gpt2-124m and its exchange. */
function playMixedHomes(): SimRound[] {
  const random = seeded(1);
  const group = new SimGroup(gpt2Small(), 1);
  const present = MBIT.map((mbit, i) => simPeer(i, homeOf(mbit)));
  const zeroMs = () => random() * ROSTER_WITHIN_MS;
  return Array.from({ length: ROUNDS }, () =>
    group.play({ present, zeroMs, losses: () => [], stepMs: STEP_MS }),
  );
}

const timeShare = ({ overMs, exchanged }: SimRound): number =>
  Math.max(...overMs.map((ms) => ms ?? 0)) / exchanged.members[0]!.plan.times.exchangeMs;

const slowShare = ({ peers, taken }: SimRound): number =>
  Math.min(
    ...taken.filter((_, i) => peers[i]!.line.upBytesPerS === homeOf(SLOW_MBIT).upBytesPerS).map(Number),
  );

const tiersOf = ({ roster }: SimRound): string =>
  [...new Set(roster.members.map(({ codec }) => codec))].join('+');

/** How long an exchange of unequal homes takes, over its length: the worst of the first three rounds. */
export async function mixedHome(): Promise<Figure> {
  const rounds = playMixedHomes();
  const shares = rounds.map(timeShare);
  const seen = `simulated; rounds: ${shares.map((share) => share.toFixed(2)).join(' ')}`;
  return figure('mixed-home', Math.max(...shares), 'of the exchange', { floor: 0.9, goal: 0.6, seen });
}

/** What is taken of the two slow homes' chunks: of the one that loses more, in the worst of the first three rounds. */
export async function mixedHomeSlowShare(): Promise<Figure> {
  const rounds = playMixedHomes();
  const shares = rounds.map(slowShare);
  const seen = `simulated; rounds: ${rounds.map((round, i) => `${shares[i]!.toFixed(3)} (${tiersOf(round)})`).join(' ')}`;
  return figure('mixed-home-slow-share', Math.min(...shares), 'of their chunks', {
    ...{ floor: 0.9, goal: 0.98, seen },
  });
}
