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
  readonly adversary: string | null;
  readonly scores: {
    readonly bandwidth: number | null;
    readonly gradient: number | null;
    readonly steps: number | null;
    readonly allReduce: number | null;
  };
  readonly stakeRaoStart: string;
  readonly stakeRaoEnd: string;
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

/** Why a practice failed its own test, in sentences; empty when it passed. */
export function shortcomings(report: PracticeReport, roundsAsked: number): string[] {
  const committed = report.rounds.filter((round) => round.committed);
  const failures: string[] = [];
  if (committed.length < Math.ceil(roundsAsked * COMMITTED_SHARE)) {
    failures.push(`${committed.length} of ${roundsAsked} rounds committed`);
  }
  for (const { round, digests } of committed) {
    const distinct = new Set(Object.values(digests));
    if (distinct.size !== 1) failures.push(`round ${round} has ${distinct.size} digests`);
  }
  return [...failures, ...unfairPay(report.miners)];
}

function unfairPay(miners: readonly ReportedMiner[]): string[] {
  const earned = (miner: ReportedMiner) => BigInt(miner.stakeRaoEnd) - BigInt(miner.stakeRaoStart);
  const honest = miners.filter(({ role, adversary }) => role === 'miner' && adversary === null);
  const unpaid = honest.filter((miner) => earned(miner) <= 0n);
  const least = honest.map(earned).reduce((a, b) => (a < b ? a : b));
  const overpaid = miners
    .filter(({ adversary }) => adversary !== null)
    .filter((miner) => earned(miner) > 0n && earned(miner) * 100n >= least * ADVERSARY_SHARE_PERCENT);
  return [
    ...unpaid.map(({ hotkey }) => `${hotkey} was honest and not paid`),
    ...overpaid.map(({ hotkey, adversary }) => `${hotkey} (${adversary}) was paid`),
  ];
}
