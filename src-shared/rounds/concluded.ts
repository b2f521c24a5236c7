import type { ReduceReport } from '../contract/swarm.ts';
import type { Hex, Ss58 } from '../units.ts';
import type { Ready, Roster } from './messages.ts';

/** A round as those who judge it need it: who was ready, who was listed, what came of it. */
export interface JudgedRound {
  readonly round: number;
  /** Hash of the round's first block, from which the pages of its miners follow. */
  readonly blockHash: Hex;
  /** Its hash was unknown when contributions were committed to and sent: it draws whose are looked at. */
  readonly outcomeBlock: number;
  readonly witnesses: readonly Ss58[];
  readonly roster: Roster | null;
  readonly readies: readonly Ready[];
  /** What our own all-reduce saw; null when we took no part. */
  readonly report: ReduceReport | null;
  readonly committed: boolean;
}
