import type { EvidenceItem } from '../../src-shared/contract/page/runs.ts';
import type { Why } from '../../src-shared/scoring/why.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../src-shared/units.ts';

/** Rows of the store as the host sees them. Times are ms since 1970, UTC. */
export interface RunKey {
  readonly profile: string;
  readonly profileHash: Hex;
  readonly netuid: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly role: 'miner' | 'validator';
  readonly startedMs: number;
  readonly appVersion: string;
}

export interface StepRow {
  readonly runId: number;
  /** Inner steps since this hotkey began. */
  readonly step: number;
  readonly round: number | null;
  /** Within the round. */
  readonly innerStep: number;
  readonly atMs: number;
  readonly loss: number;
  readonly lr: number;
  readonly gradNorm: number;
  /** Tokens and time of this step and of those since the last row. */
  readonly tokens: number;
  readonly stepMs: number;
}

export interface RoundRow {
  readonly runId: number;
  readonly round: number;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly outcome: 'committed' | 'void' | 'skipped';
  readonly members: number;
  readonly contributed: boolean;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly durationMs: number | null;
  readonly heldOutLoss: number | null;
  readonly digest: Hex | null;
  /** Why it was void or skipped. */
  readonly reason: string | null;
  /** The all-reduce as a still: `Edge[]` of the page's contract, as JSON. */
  readonly edgesJson: string;
  /** What it came to with each member, as JSON; null where that was not kept yet. */
  readonly groupJson: string | null;
}

/** The base that a round left. */
export type BaseRow = Pick<RoundRow, 'round' | 'heldOutLoss' | 'digest'>;

export interface ScoreRow {
  readonly runId: number;
  readonly round: number;
  readonly validator: Ss58;
  readonly hotkey: Ss58;
  readonly uid: number;
  readonly atMs: number;
  readonly total: number | null;
  readonly average: number | null;
  readonly weight: number | null;
}

/** Where the hotkey of a run stood on its chain when a round was over. */
export interface StandingRow {
  readonly runId: number;
  readonly round: number;
  readonly atMs: number;
  /** The block in whose state that is. */
  readonly block: number;
  readonly stakeAlpha: AlphaRao;
  /** Shares of the last epoch, 0..1. */
  readonly incentive: number;
  readonly dividends: number;
  /** The same; null where the chain keeps no such figure. */
  readonly consensus: number | null;
  readonly trust: number | null;
  readonly emissionAlpha: AlphaRao;
}

/** What the sensors of one card said while a run trained on this computer; null: its driver does not tell. */
export interface CardRow {
  readonly runId: number;
  readonly atMs: number;
  /** Which of the cards, counted from 0. */
  readonly card: number;
  /** Inner steps of the hotkey by then. */
  readonly step: number;
  /** Share of the last moments in which it worked for anybody, 0..1. */
  readonly busy: number | null;
  readonly celsius: number | null;
  readonly watts: number | null;
  readonly usedBytes: number | null;
  readonly memoryBytes: number | null;
}

export interface EvidenceRow {
  readonly runId: number;
  readonly round: number;
  readonly validator: Ss58;
  readonly hotkey: Ss58;
  readonly atMs: number;
  readonly term: string;
  readonly value: number | null;
  readonly why: Why;
  /** What it rests on, as JSON; null where only the validator knows. */
  readonly detailJson: string | null;
}

/** What the page shows of evidence, and what it rests on. */
export type KeptEvidence = EvidenceItem & Pick<EvidenceRow, 'detailJson'>;

export interface PeerRow {
  readonly peerId: string;
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly address: string | null;
  readonly seenMs: number;
}

export const HOST_SOURCE = 'host';

/** What a person was told. */
export interface EventRow {
  readonly atMs: number;
  readonly level: 'info' | 'attention' | 'fault';
  /** The hotkey of the run it is about, or HOST_SOURCE. */
  readonly source: string;
  readonly code: string;
  /** What fills its sentence. */
  readonly detailJson: string;
}

/** What was published of a round, or tried to be. */
export interface UploadRow {
  readonly runId: number;
  readonly tag: string;
  /** The store, in a word for people. */
  readonly place: string;
  readonly kind: 'state' | 'update';
  readonly round: number;
  readonly atMs: number;
  readonly sentBytes: number | null;
  readonly foundBytes: number | null;
  readonly durationMs: number | null;
  /** Why it is not there; null where it is. */
  readonly code: string | null;
  /** What fills the sentence of that code, as JSON; null where it is there, or where that was not kept yet. */
  readonly paramsJson: string | null;
}

/** A subnet as it was in a block; null is not known. `chain` names genesis and subnet, here and below. */
export interface SubnetPointRow {
  readonly chain: string;
  readonly block: number;
  readonly atMs: number;
  readonly priceRao: Rao | null;
  readonly taoIn: Rao | null;
  readonly taoInEmission: Rao | null;
  readonly burnRao: Rao | null;
  readonly volumeRao: Rao | null;
  readonly miners: number | null;
  readonly validators: number | null;
}

/** Stake that came to a hotkey, or went. */
export interface StakeMoveRow {
  readonly chain: string;
  readonly block: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly atMs: number;
  readonly alpha: bigint;
}

/** What an epoch paid to the stake on a validator; `block` is the epoch's own. */
export interface EpochReturnRow {
  readonly chain: string;
  readonly block: number;
  readonly hotkey: Ss58;
  readonly atMs: number;
  readonly dividends: AlphaRao;
  readonly stake: AlphaRao;
  /** Its own take, 0..1; null where the runtime does not say. */
  readonly take: number | null;
}

/** Another owner than the one before was seen. */
export interface SubnetOwnerRow {
  readonly chain: string;
  readonly block: number;
  readonly atMs: number;
  readonly coldkey: Ss58;
}

/** Rows that are queued and written in batches, by the table they go to. */
export interface BatchedRows {
  readonly step: StepRow;
  readonly round: RoundRow;
  readonly score: ScoreRow;
  readonly standing: StandingRow;
  readonly card: CardRow;
  readonly evidence: EvidenceRow;
  readonly peer: PeerRow;
  readonly event: EventRow;
  readonly upload: UploadRow;
  readonly subnetPoint: SubnetPointRow;
  readonly stakeMove: StakeMoveRow;
  readonly epochReturn: EpochReturnRow;
  readonly subnetOwner: SubnetOwnerRow;
}

export type BatchedTable = keyof BatchedRows;
export type BatchedRow = {
  [T in BatchedTable]: { readonly table: T; readonly row: BatchedRows[T] };
}[BatchedTable];

/** A transaction that a coldkey of this user signed. */
export interface OwnTransactionRow {
  readonly id: string;
  readonly genesisHash: Hex;
  readonly coldkey: Ss58;
  readonly atMs: number;
  /** Whether its fate is not known yet. */
  readonly isOpen: boolean;
  /** What was ordered, signed and came of it, as `src-main/wallet/journal.ts` writes it. */
  readonly body: string;
}

/** What an epoch paid to a hotkey. */
export interface EpochBooking {
  readonly hotkey: Ss58;
  readonly block: number;
  readonly atMs: number;
  readonly uid: number;
  readonly alpha: AlphaRao;
  /** Rao for one alpha at that block, and the row's worth at it; null where no price was to be had. */
  readonly priceRao: Rao | null;
  readonly valueRao: Rao | null;
}

/** Stake as the chain had it at the end of a block. */
export interface StakeSnapshot {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly block: number;
  readonly atMs: number;
  readonly stakeAlpha: AlphaRao;
  /** Change since the snapshot before beyond what was booked between them; null for the first one. */
  readonly residualAlpha: AlphaRao | null;
  /** Rao for one alpha at that block; null where no price was to be had. */
  readonly priceRao: Rao | null;
  /**
   * Whether every block since the snapshot before was looked at ('event': the residual is dividends), or some were not
   * ('delta': own operations are in it too). null: of before this was kept.
   */
  readonly method: 'event' | 'delta' | null;
}

/** What changed a stake in a block besides its pay. */
export interface OwnMoveRow {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly block: number;
  /** Its place among those of the block. */
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  /** Signed: below zero where the stake became less. */
  readonly alpha: bigint;
  readonly taoRao: Rao | null;
  readonly feeRao: bigint | null;
  readonly priceRao: Rao | null;
  /** The transaction that did it; null where the chain did, or of before this was kept. */
  readonly txHash: Hex | null;
}

/** What changed a coldkey's free TAO, whichever of its hotkeys was looked at meanwhile. */
export interface AccountMoveRow {
  readonly block: number;
  /** Its place among those of the block. */
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  /** Signed: below zero where there is less of it. */
  readonly taoRao: bigint;
  /** Signed, where alpha went the other way; null where none did. */
  readonly alpha: bigint | null;
  readonly netuid: number | null;
  readonly hotkey: Ss58 | null;
  /** Where TAO went to, or came from. */
  readonly other: Ss58 | null;
  readonly txHash: Hex | null;
}

/** All that is booked of one block, in one transaction. */
export interface BookedBlock {
  readonly hotkey: Ss58;
  readonly block: number;
  readonly epoch: EpochBooking | null;
  readonly moves: readonly OwnMoveRow[];
  readonly snapshot: StakeSnapshot | null;
  /** Of whose TAO, and what changed it; null where nothing did. */
  readonly account: { readonly coldkey: Ss58; readonly moves: readonly AccountMoveRow[] } | null;
}

/** What a coldkey held at one moment, all of it sold then. */
export interface WorthRow {
  readonly coldkey: Ss58;
  readonly atMs: number;
  readonly block: number;
  readonly totalRao: Rao;
  readonly freeRao: Rao;
}
