import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { Why } from '../../src-shared/scoring/why.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';

/** What a headless practice writes with --json; amounts are decimal strings because JSON numbers are doubles. */
export interface PracticeReport {
  readonly profile: string;
  /** Held-out text under the training text's unigrams, nats per token. */
  readonly unigramEntropy: number;
  /** Round -1 of the committed base is written as round 0: before any training. */
  readonly heldOutLoss: readonly { readonly round: number; readonly value: number }[];
  readonly rounds: readonly ReportedRound[];
  readonly miners: readonly ReportedMiner[];
  readonly timings: {
    readonly firstCommitMs: number | null;
    readonly firstScoresMs: number | null;
    readonly firstEarningsMs: number | null;
  };
  readonly memory: readonly { readonly process: string; readonly rssBytes: number }[];
  readonly hostDelayP99Ms: number;
  readonly processesLeft: number;
}

export interface ReportedRound {
  readonly round: number;
  readonly members: number;
  readonly committed: boolean;
  readonly durationMs: number | null;
  readonly bytes: number;
  /** What each member that committed reports as its base. */
  readonly digests: Readonly<Record<Ss58, Hex>>;
}

export interface ReportedMiner {
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  readonly adversary: Adversary | null;
  readonly scores: {
    readonly bandwidth: number | null;
    readonly gradient: number | null;
    readonly steps: number | null;
    readonly allReduce: number | null;
  };
  readonly stakeRaoStart: string;
  readonly stakeRaoEnd: string;
  /** Once a proof that it lied had had the time to be paid for nothing; null where none was upheld. */
  readonly stakeRaoProven: string | null;
  readonly evidence: readonly {
    readonly round: number;
    readonly term: string;
    readonly value: number | null;
    readonly why: Why;
  }[];
}

/** Committed clock rounds a practice must reach, and what a dishonest miner may at most earn of an honest one. */
const COMMITTED_SHARE = 0.95;
const ADVERSARY_SHARE_PERCENT = 5n;
/** What some of them earn by honest work beside their cheat, in per cent of an honest miner's pay; the others nothing. */
const HONEST_WORK_PERCENT: Partial<Record<Adversary, bigint>> = {
  'half-worker': 75n,
  'duplicate-pages': 52n,
  'check-only': 51n,
  'non-finite': 75n,
  withholder: 50n,
  staller: 100n,
  equivocator: 100n,
  'over-claimer': 100n,
  'under-declarer': 100n,
  'sybil-pair': 100n,
};

/**
 * What only looks at contributions find, and who did a round honestly to live on it: until that has come out and averages
 * have followed, such a peer is paid for whatever it claims.
 */
const FOUND_LATE: ReadonlySet<Adversary> = new Set<Adversary>([
  'stale-base',
  'decoy',
  'poisoner',
  'half-worker',
  'duplicate-pages',
  'check-only',
  'replayer',
]);
/** A look a round tells who helps after eight, and averages take some more to follow. */
const NEWCOMER_ROUNDS = 14;

/** Why a practice failed its own test, in sentences; empty when it passed. */
export function shortcomings(report: PracticeReport, roundsAsked: number): string[] {
  const committed = report.rounds.filter((round) => round.committed);
  const failures: string[] = [];
  // The round of a lie is void by rule once the lie is proven, and who told it is in none from then on.
  const proven = report.miners.filter(({ stakeRaoProven }) => stakeRaoProven !== null).length;
  if (committed.length + proven < Math.ceil(roundsAsked * COMMITTED_SHARE)) {
    failures.push(`${committed.length} of ${roundsAsked} rounds committed`);
  }
  // What a dishonest one says of its base is not what it has.
  const liars = new Set(report.miners.flatMap(({ hotkey, adversary }) => (adversary ? [hotkey] : [])));
  for (const { round, digests } of committed) {
    const honest = Object.entries(digests).filter(([hotkey]) => !liars.has(hotkey as Ss58));
    const distinct = new Set(honest.map(([, digest]) => digest));
    if (distinct.size !== 1) failures.push(`round ${round} has ${distinct.size} digests`);
  }
  return [...failures, ...unfairPay(report.miners, committed.length)];
}

/**
 * Of the pay of an honest miner that missed nothing.
 * @param rounds that were committed
 * @returns null where so few rounds say nothing of it: it may have claimed more than this computer lets anybody do
 */
function mayEarnPercent(adversary: Adversary, rounds: number): bigint | null {
  const work = HONEST_WORK_PERCENT[adversary] ?? 0n;
  if (!FOUND_LATE.has(adversary)) return ADVERSARY_SHARE_PERCENT + work;
  if (rounds <= NEWCOMER_ROUNDS) return null;
  const asNewcomer = BigInt(Math.ceil((100 * NEWCOMER_ROUNDS) / rounds));
  return ADVERSARY_SHARE_PERCENT + (asNewcomer + work > 100n ? 100n : asNewcomer + work);
}

function unfairPay(miners: readonly ReportedMiner[], rounds: number): string[] {
  const earned = (miner: ReportedMiner) => BigInt(miner.stakeRaoEnd) - BigInt(miner.stakeRaoStart);
  const honest = miners.filter(({ role, adversary }) => role === 'miner' && adversary === null);
  const unpaid = honest.filter((miner) => earned(miner) <= 0n);
  // A round that an honest one missed on a busy computer is no cheat's doing.
  const best = honest.map(earned).reduce((a, b) => (a > b ? a : b), 0n);
  // Until its lie was found a reducer is a miner like any other; a proof takes back nothing, and ends it.
  const isOverpaid = (miner: ReportedMiner): boolean => {
    const { role, adversary, stakeRaoProven } = miner;
    if (role !== 'miner' || !adversary) return false;
    if (stakeRaoProven !== null) return BigInt(miner.stakeRaoEnd) > BigInt(stakeRaoProven);
    const percent = mayEarnPercent(adversary, rounds);
    return percent !== null && earned(miner) > 0n && earned(miner) * 100n >= best * percent;
  };
  const overpaid = miners.filter(isOverpaid);
  return [
    ...unpaid.map(({ hotkey }) => `${hotkey} was honest and not paid`),
    ...overpaid.map(({ hotkey, adversary }) => `${hotkey} (${adversary}) was paid`),
  ];
}
