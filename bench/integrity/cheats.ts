import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { bandwidthAtRate } from '../../src-shared/scoring/bandwidth.ts';
import { scoreOf } from '../../src-shared/scoring/score-model.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { integrityProfile, LINE_BYTES_PER_S, WHOLE_SEQUENCES } from '../../test/integrity/profile.ts';
import type { Seat } from '../../test/integrity/swarm.ts';
import { PAGE_SEQUENCES } from '../../test/integrity/text.ts';
import { honestValidator } from './runs.ts';

/** What a miner really did, as the terms of the score would say it of an honest one. */
interface Did {
  /** Whether it trained on its pages at the round's base and offered what came of it. */
  readonly gradient: 0 | 1;
  /** Its sequences over those of a whole round. */
  readonly steps: number;
  readonly bandwidth: number;
  readonly allReduce: 0 | 1;
}

export interface Cheat {
  readonly name: Adversary;
  readonly seats: readonly Seat[];
  /** Null: what honest ones on its line do, who stand beside it. */
  readonly did: Did | null;
}

/** Cheats that share a swarm. */
export interface CheatRun {
  readonly cheats: readonly Cheat[];
  /** Honest ones on a line of their own. */
  readonly beside: readonly Seat[];
  readonly consensus: (usual: Consensus) => Consensus;
  /** Left out: two honest ones and one that favours whom they give least. */
  readonly validators?: readonly Seat[];
}

const model = integrityProfile(['5' as Ss58], '5' as Ss58).consensus.scoreModel;
/**
 * The practice's own: on a line on which the rig's takes half of its limit a challenge of a whole MiB takes two rounds, and
 * an exchange beside it loses its chunks.
 */
const wholeBandwidth = { bytes: 8 * 1024 * 1024, timeLimitMs: 30_000 };
/** A line on which those bytes take half of the time limit. */
const SLOW_BYTES_PER_S = (2 * wholeBandwidth.bytes * 1_000) / wholeBandwidth.timeLimitMs;

const fast = bandwidthAtRate(LINE_BYTES_PER_S, model.bandwidth);
const everything: Did = { gradient: 1, steps: 1, bandwidth: fast, allReduce: 1 };
const nothing: Did = { gradient: 0, steps: 0, bandwidth: fast, allReduce: 0 };

const seat = (adversary: Adversary): Seat => ({ role: 'miner', adversary });

const cheat = (name: Adversary, did: Did | null, seats: readonly Seat[] = [seat(name)]): Cheat => ({
  name,
  seats,
  did,
});

const together = (...cheats: readonly Cheat[]): CheatRun => ({
  cheats,
  beside: [],
  consensus: (usual) => usual,
});

/**
 * What is on a slow line, and two honest ones on such a line: nobody can say beforehand what is paid for that. All of them
 * are given least, so a validator that favours one of those would give it half as much again.
 */
const onSlowLines = (...cheats: readonly Cheat[]): CheatRun => ({
  cheats,
  beside: [onSlowLine(null), onSlowLine(null)],
  validators: [honestValidator, honestValidator, honestValidator],
  consensus: ({ scoreModel, ...usual }) => ({
    ...usual,
    scoreModel: { ...scoreModel, bandwidth: { ...scoreModel.bandwidth, ...wholeBandwidth } },
  }),
});

const onSlowLine = (adversary: Adversary | null): Seat => ({
  ...{ role: 'miner', adversary, bytesPerS: SLOW_BYTES_PER_S },
});

/** Those that mine, in runs of a few: apart enough that none of a run's cheats feeds on another. */
export const cheatRuns: readonly CheatRun[] = [
  together(
    cheat('free-rider', nothing),
    cheat('stale-base', nothing),
    cheat('half-worker', { ...everything, steps: 1 / 2 }),
  ),
  together(
    cheat('copier', nothing),
    cheat('replayer', nothing),
    cheat('duplicate-pages', { ...everything, steps: PAGE_SEQUENCES / WHOLE_SEQUENCES }),
  ),
  together(
    cheat('decoy', nothing),
    cheat('check-only', { ...everything, steps: PAGE_SEQUENCES / WHOLE_SEQUENCES }),
    // It trained, and nobody could use it.
    cheat('non-finite', { ...everything, allReduce: 0 }),
    // Not with the liar: it draws out the exchange until no time is left for the audit, as practice has its blocks.
    cheat('withholder', { ...everything, bandwidth: 0, allReduce: 0 }),
  ),
  together(
    cheat('poisoner', nothing),
    cheat('lying-reducer', { ...everything, bandwidth: 0 }),
    cheat('staller', everything),
  ),
  together(cheat('equivocator', everything), cheat('under-declarer', everything)),
  onSlowLines(
    cheat('over-claimer', null, [onSlowLine('over-claimer')]),
    cheat('sybil-pair', null, [onSlowLine('sybil-pair'), onSlowLine('sybil-pair')]),
  ),
];

/** The share of an honest miner's pay that was earned: its score by what it did over the score of who did everything. */
export function earnedShare(did: Did): number {
  const of = (one: Did) => scoreOf(model, { identity: 1, honesty: 1, ...one }) ?? 0;
  return of(did) / of(everything);
}
