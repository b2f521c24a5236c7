import type { Adversary } from '../../src-shared/contract/adversary.ts';
import { bandwidthAtRate } from '../../src-shared/scoring/bandwidth.ts';
import { scoreOf } from '../../src-shared/scoring/score-model.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { integrityProfile, LINE_BYTES_PER_S, WHOLE_SEQUENCES } from '../../test/integrity/profile.ts';
import type { Seat } from '../../test/integrity/swarm.ts';
import { PAGE_SEQUENCES } from '../../test/integrity/text.ts';

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
  readonly did: Did;
}

const model = integrityProfile(['5' as Ss58], '5' as Ss58).consensus.scoreModel;
/** A line on which the bytes of a challenge take half of the time limit. */
const SLOW_BYTES_PER_S = (2 * model.bandwidth.bytes * 1_000) / model.bandwidth.timeLimitMs;

const fast = bandwidthAtRate(LINE_BYTES_PER_S, model.bandwidth);
const slow = bandwidthAtRate(SLOW_BYTES_PER_S, model.bandwidth);
const everything: Did = { gradient: 1, steps: 1, bandwidth: fast, allReduce: 1 };
const nothing: Did = { gradient: 0, steps: 0, bandwidth: fast, allReduce: 0 };

const seat = (adversary: Adversary, bytesPerS?: number): Seat => ({
  role: 'miner',
  adversary,
  ...(bytesPerS !== undefined && { bytesPerS }),
});

const cheat = (name: Adversary, did: Did, seats: readonly Seat[] = [seat(name)]): Cheat => ({
  name,
  seats,
  did,
});

/** Those that mine, in runs of a few: apart enough that none of a run's cheats feeds on another. */
export const cheatRuns: readonly (readonly Cheat[])[] = [
  [
    cheat('free-rider', nothing),
    cheat('stale-base', nothing),
    cheat('half-worker', { ...everything, steps: 1 / 2 }),
  ],
  [
    cheat('copier', nothing),
    cheat('replayer', nothing),
    cheat('duplicate-pages', { ...everything, steps: PAGE_SEQUENCES / WHOLE_SEQUENCES }),
  ],
  [
    cheat('decoy', nothing),
    cheat('check-only', { ...everything, steps: PAGE_SEQUENCES / WHOLE_SEQUENCES }),
    // It trained, and nobody could use it.
    cheat('non-finite', { ...everything, allReduce: 0 }),
    // Not with the liar: it draws out the exchange until no time is left for the audit, as practice has its blocks.
    cheat('withholder', { ...everything, bandwidth: 0, allReduce: 0 }),
  ],
  [
    cheat('poisoner', nothing),
    cheat('lying-reducer', { ...everything, bandwidth: 0 }),
    cheat('staller', everything),
  ],
  [
    cheat('equivocator', everything),
    cheat('under-declarer', everything),
    cheat('over-claimer', { ...everything, bandwidth: slow }, [seat('over-claimer', SLOW_BYTES_PER_S)]),
    cheat('sybil-pair', { ...everything, bandwidth: slow }, [
      seat('sybil-pair', SLOW_BYTES_PER_S),
      seat('sybil-pair', SLOW_BYTES_PER_S),
    ]),
  ],
];

/** The share of an honest miner's pay that was earned: its score by what it did over the score of who did everything. */
export function earnedShare(did: Did): number {
  const of = (one: Did) => scoreOf(model, { identity: 1, honesty: 1, ...one }) ?? 0;
  return of(did) / of(everything);
}
