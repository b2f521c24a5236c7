import { parameterCount } from '../../src-shared/model/layout.ts';
import { type Figure, figure } from '../report/figures.ts';
import type { Loss } from './simulator/exchange.ts';
import { SimGroup, type SimPeer, type SimRound, simPeer } from './simulator/group.ts';
import { gpt2Small, homeOf, ROSTER_WITHIN_MS } from './simulator/homes.ts';
import { seeded } from './simulator/random.ts';

/** Homes by what they have up and down, in Mbit, and how many of a hundred have that. */
const HOMES = [
  { up: 10, down: 50, of: 20 },
  { up: 20, down: 100, of: 30 },
  { up: 50, down: 250, of: 30 },
  { up: 100, down: 100, of: 15 },
  { up: 500, down: 500, of: 5 },
] as const;
const VALIDATORS = 3;
const VALIDATOR_MBIT = 200;
/** Shares of those ready that are lost in an exchange, and that lie, each in one of four ways. */
const CHURN = 0.05;
const LIARS = 0.04;
const LIES = ['values', 'none', 'clock', 'rate'] as const;
const ROUNDS = 3;
/** Coarser than for eight: 64 members have 4,032 ways, and a chunk takes seconds on each. */
const STEP_MS = 200;
/** Who was not drawn may have this of a donor's uplink. */
const DONATED = 0.25;

/** A round of so many ready peers with churn and liars, as the third of a run: the whole of it in words, one number. */
export const roundTrend = (peers: number) => async (): Promise<Figure> => {
  const rounds = playTrend(peers);
  const last = rounds.at(-1)!;
  const { exchangeMs } = last.exchanged.members[0]!.plan.times;
  const times = quantiles(last.overMs.filter((ms) => ms !== null).map((ms) => ms / exchangeMs));
  const taken = quantiles(last.taken.filter((share) => share !== null));
  const bytes = quantiles(last.bytes.map((sum) => sum / 1e6));
  const seen = [
    `simulated; round time over the exchange p10/50/90/100 ${shown(times, 2)}`,
    `elements averaged ${rounds.map(({ covered }) => covered.toFixed(4)).join(' ')}`,
    `MB a member ${shown(bytes, 0)}`,
    `taken of each ${shown(taken, 3)}`,
    `void ${rounds.map(({ voided }) => voided ?? 'none').join(' ')}`,
    `not drawn ${waitingSeconds(peers, last).toFixed(0)} s`,
  ].join('; ');
  return figure(`sim-round-${peers}`, times.at(-1)!, 'of the exchange', { seen });
};

function playTrend(count: number): SimRound[] {
  const random = seeded(count);
  const peers = [
    ...Array.from({ length: VALIDATORS }, (_, i) => simPeer(i, homeOf(VALIDATOR_MBIT), { weight: 0 })),
    ...Array.from({ length: count }, (_, i) =>
      simPeer(VALIDATORS + i, drawnHome(random()), {
        lie: random() < LIARS ? LIES[Math.floor(random() * LIES.length)]! : null,
      }),
    ),
  ];
  const group = new SimGroup(gpt2Small(), count);
  let away = new Set<SimPeer['hotkey']>();
  return Array.from({ length: ROUNDS }, () => {
    const round = group.play({
      present: peers.filter(({ hotkey }) => !away.has(hotkey)),
      zeroMs: () => random() * ROSTER_WITHIN_MS,
      losses: ({ members }) => members.flatMap(({ weight }, i) => (weight > 0 ? lossOf(i, random) : [])),
      stepMs: STEP_MS,
    });
    // Who was lost comes back after the next round.
    away = new Set(
      round.peers.filter((_, i) => round.exchanged.members[i]!.isGone).map(({ hotkey }) => hotkey),
    );
    return round;
  });
}

function lossOf(member: number, random: () => number): Loss[] {
  const { reduce, clock } = gpt2Small();
  if (random() >= CHURN) return [];
  const atMs = random() * reduce.exchangeBlocks * clock.blockMs;
  return [{ member, atMs, kind: random() < 0.5 ? 'killed' : 'silent' }];
}

function drawnHome(at: number) {
  let left = at * 100;
  const home = HOMES.find(({ of }) => {
    left -= of;
    return left < 0;
  });
  return homeOf((home ?? HOMES[0]).up, (home ?? HOMES[0]).down);
}

/**
 * How long those who were not drawn take for the average, if only members give it: all share a quarter of the uplinks
 * of the members that are left evenly. 0 where everybody was drawn.
 */
function waitingSeconds(peers: number, { exchanged, peers: members }: SimRound): number {
  const waiting = peers + VALIDATORS - members.length;
  const averageBytes = 2 * parameterCount(gpt2Small().model);
  const given = members.filter((_, i) => !exchanged.members[i]!.isGone);
  const upBytesPerS = given.reduce((sum, { line }) => sum + line.upBytesPerS, 0) * DONATED;
  return (waiting * averageBytes) / upBytesPerS;
}

function quantiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.1, 0.5, 0.9, 1].map((at) => sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))]!);
}

const shown = (values: readonly number[], digits: number): string =>
  values.map((value) => value.toFixed(digits)).join('/');
