import type { RoundPhase, RoundSummary } from '../../src-shared/contract/page/runs.ts';

/** What the bench's own host process tells. */
export type HostTold =
  | { readonly kind: 'practising' }
  | {
      readonly kind: 'view';
      readonly round: number;
      readonly phase: RoundPhase;
      /** The newest finalized block. */
      readonly block: number;
      /** Blocks that are left before the round's ready block. */
      readonly beforeReady: number;
    }
  | ({ readonly kind: 'settled' } & Pick<RoundSummary, 'round' | 'outcome' | 'contributed'>)
  | { readonly kind: 'notices'; readonly codes: readonly string[] };

export type Settled = Extract<HostTold, { kind: 'settled' }>;
export type Seen = Extract<HostTold, { kind: 'view' }>;
