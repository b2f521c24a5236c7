import type { AdapterBackend } from '../../cards/adapter.ts';
import type { CodecId } from '../../codec/table.ts';
import type { ScoreModel } from '../../profile/schema.ts';
import type { Ready } from '../../rounds/messages.ts';
import type { TierSize } from '../../rounds/uplink-cost.ts';
import type { Rates } from '../../scoring/bandwidth.ts';
import type { KeptWhy, Why } from '../../scoring/why.ts';
import type { Hex, Ss58 } from '../../units.ts';
import type { Footprint } from '../footprint.ts';
import type { MemoryPlan } from '../memory-plan.ts';
import type { Reachability } from '../reachability.ts';
import type { AddressState, Edge, GroupMember, Link, MemberFault } from '../swarm.ts';
import type { EngineKind, TextState } from '../train.ts';

/** A code with what fills its sentence. The page has the words. */
export interface Coded<Code extends string> {
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
}

/** What this host can do with a run besides showing it. */
export type RunControl = 'pause' | 'stop' | 'start-over';

/** What a run is and stays, whatever it does. */
export interface RunFacts {
  readonly profile: string;
  readonly profileHash: Hex;
  readonly netuid: number;
  readonly role: 'miner' | 'validator';
  readonly mark: string | null;
  readonly startedAtMs: number;
  /** What its user calls the chain that it works on. */
  readonly network: string;
  readonly controls: readonly RunControl[];
  /** A run that went on with what it had: the round it continues at. null for one that began now. */
  readonly continuesAtRound: number | null;
}

/** A run of before that can be started again. */
export interface StoppedRun extends Omit<RunFacts, 'continuesAtRound'> {
  readonly id: Ss58;
  readonly stoppedAtMs: number;
  /** Below it lies what it wrote, which stays when the run is forgotten. */
  readonly folder: string;
}

/** What start waits for. A run shows those it has, in its own order. */
export const setupStepIds = [
  'keys',
  'engine',
  'chain',
  'network',
  'companions',
  'registration',
  'stake',
  'peers',
  'state',
  'round',
  'scores',
  'earnings',
] as const;
export type SetupStepId = (typeof setupStepIds)[number];

export type SetupDetail = Coded<'miners-ready' | 'block-of-round' | 'pays-at-epoch-end' | 'unfinished'>;

export interface SetupStep {
  readonly id: SetupStepId;
  readonly state: 'waiting' | 'working' | 'done' | 'failed';
  readonly detail: SetupDetail | null;
}

/** What the trainer does at this moment, whatever the round does. */
export type Activity =
  | { readonly kind: 'training' }
  /** All inner steps of the round are done; it goes on after the average. */
  | { readonly kind: 'resting' }
  /** Inner steps stand still for other work of the trainer. */
  | { readonly kind: 'busy'; readonly with: 'checks' | 'average' | 'loading' | 'text' }
  | { readonly kind: 'paused' };

/** The state that a newcomer loads, on its way: from how many, and how fast over the last seconds. */
export interface StateLoading {
  readonly receivedBytes: number;
  readonly totalBytes: number;
  /** null before any seconds have gone by. */
  readonly bytesPerSecond: number | null;
  /** Who gives at this moment. */
  readonly peers: number;
  readonly stores: number;
}

/** Text that is fetched: whether it comes, and what of it lies here. */
export type TextView = TextState;

export interface ChainView {
  readonly endpoint: string;
  readonly block: number;
  readonly finalizedBlock: number;
  readonly finalizedAtMs: number;
  readonly blockMs: number;
  readonly connected: boolean;
  /** Unix milliseconds of the last new block, or last final one, of a chain that has gone silent; else null. */
  readonly silentSinceMs: number | null;
}

export type RoundPhase =
  | 'before-start'
  | 'working'
  | 'ready'
  | 'reducing'
  /** The witnesses agree on which results count, and what is lacking of those is fetched. */
  | 'listing'
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
  /** What the exchange came to with each member of the roster; empty while it is under way, and without one. */
  readonly group: readonly GroupMember[];
}

/** Why a round came to nothing, or went by without this member. */
export const roundReasonCodes = [
  'no-roster',
  'too-few-ready',
  'no-quorum',
  'no-list',
  'wrong-result',
  'results-missing',
  'no-agreement',
  'not-in-roster',
  'nothing-contributed',
  'not-averaged',
  'not-recorded',
  'differing',
  'own-fault',
  'paused',
  'elsewhere',
  'late',
  'chain-silent',
  'state-loading',
] as const;
export type RoundReason = Coded<(typeof roundReasonCodes)[number]>;

export interface RoundSummary {
  readonly round: number;
  /** Unix milliseconds; null where it was not kept. */
  readonly endedAtMs: number | null;
  readonly outcome: 'committed' | 'void' | 'skipped';
  readonly members: number;
  readonly contributed: boolean;
  readonly bytes: number;
  readonly durationMs: number | null;
  readonly heldOutLoss: number | null;
  /** The last all-reduce as a still. */
  readonly edges: readonly Edge[];
  /** What it came to with each member of the roster; empty where this member saw no exchange. */
  readonly group: readonly GroupMember[];
  /** null: nothing to explain, or not known. */
  readonly reason: RoundReason | null;
}

/** Which rounds of a run's past are asked for. */
export const roundFilters = ['all', 'committed', 'void', 'skipped', 'without-me'] as const;
export type RoundFilter = (typeof roundFilters)[number];

/** A part of a run's past, the newest round first. Of each group only those are there with whom something was amiss. */
export interface RoundsPart {
  readonly rounds: readonly Omit<RoundSummary, 'edges'>[];
  /** To ask for those before it; null: there are none. */
  readonly before: number | null;
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
  /** Steps that were not taken, because their gradient did not fit the card's numbers. */
  readonly skippedSteps: number;
  readonly unigramEntropy: number | null;
  readonly engine: string;
  readonly computes: EngineKind;
  /** The driver interface of the card that computes; null where none does. */
  readonly backend: AdapterBackend | null;
  readonly parameters: number;
  /** Where the engine's memory goes; null for one that counts none. */
  readonly plan: MemoryPlan | null;
  /** What it takes of the computer beside its card. */
  readonly footprint: Footprint;
  /** Tokens of a sequence, sequences of a micro-batch, and the inner steps that a round counts at most. */
  readonly context: number;
  readonly microBatch: number;
  readonly stepsPerRound: number;
}

/** Held-out loss of the committed base after a round; round -1 is the initial weights. */
export interface HeldOutPoint {
  readonly round: number;
  readonly loss: number;
  readonly atMs: number;
}

/** What became of the weights that this validator sent last. */
export type WeightsState =
  | { readonly kind: 'set'; readonly block: number }
  /** Under a time lock: the chain opens them about then. */
  | { readonly kind: 'committed'; readonly block: number; readonly revealBlock: number };

export interface ScoresView {
  readonly model: ScoreModel;
  readonly validator: Ss58;
  readonly updatedAtMs: number;
  readonly mine: ScoreCard | null;
  readonly all: readonly ScoreCard[];
  /** Of a validator's own; null for a miner, and before any were sent since its start. */
  readonly weights: WeightsState | null;
  /** What checking cost today; null for who checks nobody. */
  readonly checking: CheckingCost | null;
}

/** What a validator's checks took since midnight (UTC). */
export interface CheckingCost {
  readonly sinceMs: number;
  /** Time of the engine, in ms, and bytes that were fetched. */
  readonly computeMs: number;
  readonly bytes: number;
  /** First steps recomputed, and contributions looked at. */
  readonly recomputed: number;
  readonly looked: number;
}

export interface ScoreCard {
  readonly hotkey: Ss58;
  readonly uid: number;
  readonly total: number | null;
  readonly average: number | null;
  /** Share of the weights this validator sets, 0..1. */
  readonly weightShare: number | null;
  readonly terms: Readonly<Record<string, { readonly value: number | null; readonly why: Why }>>;
}

export interface EvidenceItem {
  readonly atMs: number;
  readonly round: number;
  readonly term: string;
  readonly value: number | null;
  readonly why: KeptWhy;
}

export interface SwarmView {
  readonly peers: readonly PeerView[];
  readonly connected: number;
  /** Addresses that were tried in vain: of the profile, or heard in the house. */
  readonly silent: readonly AddressState[];
  /** Whether others reach this computer; null for a run that none from outside it can reach. */
  readonly reachability: Reachability | null;
  readonly upBytesPerS: number | null;
  readonly downBytesPerS: number | null;
  /** Where this computer listens. */
  readonly listening: readonly string[];
  readonly uplink: UplinkView;
}

/** What this member's uplink has to carry in a round, and what receipts show that it carries. */
export interface UplinkView {
  /** Of the contribution that comes next. */
  readonly codec: CodecId;
  /** Those of the profile, the richest first. */
  readonly tiers: readonly TierSize[];
  /** Length of an exchange at the chain's usual pace. */
  readonly exchangeMs: number;
  /** By receipts of the last rounds; null before any. */
  readonly measured: Rates | null;
}

/** The newest fault of a peer that was seen from here. */
export interface PeerFault {
  readonly fault: MemberFault | 'fraud' | 'two-rosters' | 'state-manifest' | 'state-piece';
  /** null: it was no matter of a round. */
  readonly round: number | null;
  /** null where it was not kept. */
  readonly atMs: number | null;
}

export interface PeerView {
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly role: 'miner' | 'validator' | 'unknown';
  readonly self: boolean;
  readonly connected: boolean;
  /** The connection to it, as it was told last; null without one, and for oneself. */
  readonly link: Pick<Link, 'rttMs' | 'way' | 'isInbound'> | null;
  /** As it announced it. */
  readonly upBytesPerS: number | null;
  /** What is counted on, in its slower direction; null while nobody said or showed anything. */
  readonly believedBytesPerS: number | null;
  /** By both-signed receipts of the last rounds; null before any. */
  readonly measured: Rates | null;
  /** Of its newest contribution; null before it was ready, and for who contributes nothing. */
  readonly codec: CodecId | null;
  readonly lastFault: PeerFault | null;
  readonly ready: Pick<Ready, 'round' | 'sequences'> | null;
  readonly lateRounds: number;
  readonly state: PeerState;
}

/** `connected`: it is there, and nothing is known of its work. */
export type PeerState =
  | 'away'
  | 'gradient-refused'
  | 'validating'
  | 'waiting'
  | 'connected'
  | 'training'
  | 'paused';

export type SeriesName = 'loss' | 'tokensPerSecond';
export interface SeriesPoint {
  readonly t: number;
  readonly v: number;
}
