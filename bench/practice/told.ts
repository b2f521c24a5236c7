import type { RoundPhase, RoundSummary } from '../../src-shared/contract/page/runs.ts';

/** What the bench's own host process tells. */
export type HostTold =
  | { readonly kind: 'practising' }
  /** `block` counts as the chain does, from another beginning. */
  | { readonly kind: 'view'; readonly round: number; readonly phase: RoundPhase; readonly block: number }
  | ({ readonly kind: 'settled' } & Pick<RoundSummary, 'round' | 'outcome' | 'contributed'>)
  | { readonly kind: 'notices'; readonly codes: readonly string[] };

export type Settled = Extract<HostTold, { kind: 'settled' }>;
export type Seen = Extract<HostTold, { kind: 'view' }>;
