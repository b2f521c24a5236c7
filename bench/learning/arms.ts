import type { CodecId, ResultCodecId } from '../../src-shared/codec/table.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';

/** Peers of every run here, synchronous ones too. */
export const PEERS = 4;

/** How weights are stepped. */
export interface Inner
  extends Pick<Consensus['inner'], 'lr' | 'beta1' | 'beta2' | 'eps' | 'weightDecay' | 'clip'> {
  /** Tokens of all peers over which the rate rises. */
  readonly warmupTokens: number;
  /** Share of all tokens at the end over which the rate falls to a tenth, along a line. */
  readonly fallShare: number;
}

/** One optimiser over the summed batch of all peers: what peers with boundless links would do. */
export interface Synchronous {
  readonly kind: 'synchronous';
  readonly inner: Inner;
  /** Of all peers in a step. */
  readonly sequences: number;
}

/** Each peer steps its own replica, and what they moved is averaged after so many steps. */
export interface Averaged {
  readonly kind: 'averaged';
  readonly inner: Inner;
  /** Of one peer in a step. */
  readonly sequences: number;
  /** Inner steps of a round. */
  readonly steps: number;
  readonly outer: Consensus['outer'];
  readonly codec: CodecId;
  readonly result: ResultCodecId;
  /** Share of what was not sent that is offered again. */
  readonly residueDecay: number;
  /** Probability that a peer's contribution misses a round. */
  readonly absent: number;
  /** Moments of AdamW that are averaged over the peers at a commit; no product does that, it shows what it would bring. */
  readonly shared: 'none' | 'v' | 'both';
}

export type Arm = Synchronous | Averaged;

const inner: Inner = {
  ...{ lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 },
  warmupTokens: 60_000,
  fallShare: 0,
};

/** Plain averaging while the model only learns how often words come, momentum from then on, and more of it later. */
const outer: Consensus['outer'] = [
  { fromRound: 0, lr: 1, momentum: 0 },
  { fromRound: 4, lr: 1, momentum: 0.6 },
  { fromRound: 16, lr: 0.7, momentum: 0.8 },
];

/** The best of nine tries at 262,144 tokens on the validation text (docs/decisions/0090). */
export const synchronous: Synchronous = {
  kind: 'synchronous',
  inner: { ...inner, lr: 2e-3 },
  sequences: 8,
};

/** The best of ten tries on the same text. */
export const int8: Averaged = {
  kind: 'averaged',
  inner: { ...inner, beta2: 0.999 },
  ...{ sequences: 2, steps: 32, outer, codec: 'int8', result: 'int8' },
  ...{ residueDecay: 1, absent: 0, shared: 'none' },
};

/** What the figures are of. */
export const finalArms = {
  synchronous: { ...synchronous, label: 'synchronous' },
  int8: { ...int8, label: 'int8' },
  absent: { ...int8, absent: 0.2, label: 'int8, a fifth absent' },
  fourBit: { ...int8, codec: 'int4', label: '4 bit' },
  sparse: { ...int8, codec: 'sparse', residueDecay: 0.95, outer: outer.slice(0, 2), label: 'sparse' },
} as const satisfies Record<string, Arm & { readonly label: string }>;
export type FinalName = keyof typeof finalArms;
