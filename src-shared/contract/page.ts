import type { CodedError } from '../errors/app-error.ts';
import type { ScoreModel } from '../profile/schema.ts';
import type { Ready } from '../rounds/messages.ts';
import type { WorkerState } from '../states.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../units.ts';
import type { Edge } from './swarm.ts';

/**
 * What the page sees. The host keeps one View, sends it whole on connect and then only the sections that changed, at
 * most twice a second. `null` means "not known yet" and is never drawn as zero.
 */
export interface View {
  readonly app: { readonly version: string; readonly shell: 'web' | 'electron'; readonly dataDir: string };
  /** null until the user has chosen what to do. */
  readonly run: {
    readonly profile: string;
    readonly profileHash: Hex;
    readonly netuid: number;
    readonly role: 'miner' | 'validator';
    readonly mark: string | null;
    readonly startedAtMs: number;
  } | null;
  /** What start waits for, in order; stays until all are done. */
  readonly setup: readonly SetupStep[];
  readonly worker: WorkerState;
  readonly chain: ChainView | null;
  readonly round: RoundView | null;
  readonly training: TrainingView | null;
  readonly scores: ScoresView | null;
  readonly wallet: WalletView | null;
  readonly earnings: EarningsView | null;
  readonly swarm: SwarmView | null;
  readonly notices: readonly Notice[];
}

export interface SetupStep {
  readonly id: string;
  readonly label: string;
  readonly state: 'waiting' | 'working' | 'done' | 'failed';
  /** A sentence about where it stands: "2 of 3 miners are ready". */
  readonly detail: string | null;
}

export interface ChainView {
  readonly endpoint: string;
  readonly block: number;
  readonly finalizedBlock: number;
  readonly finalizedAtMs: number;
  readonly blockMs: number;
  readonly connected: boolean;
}

export type RoundPhase =
  | 'before-start'
  | 'working'
  | 'ready'
  | 'reducing'
  | 'verifying'
  | 'awaiting-outcome'
  | 'settled';

export interface RoundView {
  readonly round: number;
  readonly phase: RoundPhase;
  /** Blocks of the round gone and in all, for the clock; seconds follow from ChainView.blockMs. */
  readonly blockInRound: number;
  readonly blocksPerRound: number;
  /** Chain blocks at which peers have to be ready and at which the outcome stands. */
  readonly readyBlock: number;
  readonly outcomeBlock: number;
  readonly readyPeers: number;
  readonly members: number | null;
  readonly edges: readonly Edge[];
  readonly history: readonly RoundSummary[];
}

export interface RoundSummary {
  readonly round: number;
  readonly outcome: 'committed' | 'void' | 'skipped';
  readonly members: number;
  readonly contributed: boolean;
  readonly bytes: number;
  readonly durationMs: number | null;
  readonly heldOutLoss: number | null;
  /** The last all-reduce as a still. */
  readonly edges: readonly Edge[];
}

export interface TrainingView {
  readonly step: number;
  readonly innerStep: number;
  /** null before the first inner step. */
  readonly loss: number | null;
  readonly lossAverage: number | null;
  readonly lr: number | null;
  readonly tokensPerSecond: number | null;
  readonly tokens: number;
  readonly unigramEntropy: number | null;
  /** Held-out loss of the committed base by round; -1 is the initial weights. */
  readonly heldOut: readonly { readonly round: number; readonly loss: number; readonly atMs: number }[];
  readonly engine: string;
  readonly parameters: number;
}

export interface ScoresView {
  readonly model: ScoreModel;
  readonly validator: Ss58;
  readonly updatedAtMs: number;
  readonly mine: ScoreCard | null;
  readonly all: readonly ScoreCard[];
}

export interface ScoreCard {
  readonly hotkey: Ss58;
  readonly uid: number;
  readonly total: number | null;
  readonly average: number | null;
  /** Share of the weights this validator sets, 0..1. */
  readonly weightShare: number | null;
  readonly terms: Readonly<Record<string, { readonly value: number | null; readonly why: string }>>;
}

export interface WalletView {
  readonly coldkey: Ss58;
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly freeRao: Rao | null;
  readonly stakeAlpha: AlphaRao | null;
  /** Spot value: stake times pool price. */
  readonly stakeValueRao: Rao | null;
  readonly alphaPriceRao: Rao | null;
  readonly immuneBlocks: number | null;
  readonly registered: number | null;
}

export interface EarningsView {
  readonly todayAlpha: AlphaRao;
  readonly todayRao: Rao | null;
  readonly lastEpoch: { readonly block: number; readonly alpha: AlphaRao } | null;
  readonly epochs: readonly { readonly block: number; readonly atMs: number; readonly alpha: AlphaRao }[];
  readonly nextEpochBlock: number | null;
}

export interface SwarmView {
  readonly peers: readonly PeerView[];
  readonly connected: number;
  readonly upBytesPerS: number | null;
  readonly downBytesPerS: number | null;
}

export interface PeerView {
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly role: 'miner' | 'validator' | 'unknown';
  readonly self: boolean;
  readonly connected: boolean;
  readonly upBytesPerS: number | null;
  readonly ready: Pick<Ready, 'round' | 'sequences'> | null;
  readonly lateRounds: number;
  readonly state: string;
}

export interface Notice {
  readonly id: string;
  readonly level: 'info' | 'attention' | 'fault';
  readonly error: CodedError;
  readonly atMs: number;
}

export type SeriesName = 'loss' | 'tokensPerSecond';
export interface SeriesPoint {
  readonly t: number;
  readonly v: number;
}

/** What the page may ask of the host. Arguments are validated by `hostApiArguments`. */
export interface HostApi {
  view(): Promise<View>;
  /** Starts the practice run; returns at once, progress shows in `setup`. */
  startPractice(): Promise<void>;
  /** @param minutes null pauses until resumed. */
  pause(minutes: number | null): Promise<void>;
  resume(): Promise<void>;
  /** At most `points` points of a series, oldest first, bucket averages. */
  series(name: SeriesName, points: number): Promise<readonly SeriesPoint[]>;
  /** The evidence kept for a score term of a hotkey, newest first. */
  evidence(hotkey: string): Promise<readonly EvidenceItem[]>;
  dismissNotice(id: string): Promise<void>;
}

export interface EvidenceItem {
  readonly atMs: number;
  readonly round: number;
  readonly term: string;
  readonly value: number | null;
  readonly why: string;
}

/** What the host tells the page. */
export interface UiApi {
  patch(sections: Partial<View>): void;
}
