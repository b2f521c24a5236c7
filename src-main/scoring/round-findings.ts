import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import type { Draws } from '../../src-shared/scoring/honesty.ts';
import type { AverageManifest } from '../../src-shared/spool.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Neuron } from '../network/chain.ts';
import type { Look } from './effect-check.ts';
import type { GradientCheck } from './gradient-check.ts';
import type { Proven } from './honesty-term.ts';

/** All that is known of a round when it is scored. */
export interface RoundFindings {
  readonly round: JudgedRound;
  readonly neurons: readonly Neuron[];
  readonly validator: Ss58;
  /** Blocks of a chain epoch. */
  readonly epochBlocks: number;
  readonly checks: ReadonlyMap<Ss58, GradientCheck>;
  readonly receipts: readonly Receipt[];
  readonly manifest: AverageManifest | null;
  /** Who was proven to have signed a wrong result, by hotkey. */
  readonly frauds: ReadonlyMap<Ss58, Proven>;
  /** What looks at its contributions came to, and the newest of them since the last round that was scored. */
  drawsOf(hotkey: Ss58): Draws;
  readonly looks: ReadonlyMap<Ss58, Look>;
  /** Hotkeys whose peer binding was seen: connected, or heard in this round. */
  readonly bound: ReadonlySet<Ss58>;
}
