import type { OwnerCall } from '../../src-shared/chain/calls.ts';
import type { RevealTerms } from '../../src-shared/chain/reveal.ts';
import type { SubnetIdentity } from '../../src-shared/chain/subnet-identity.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../src-shared/units.ts';

/**
 * The chain as the rest of the host sees it. One implementation speaks to real nodes and to the practice chain alike;
 * what a runtime lacks is asked of its metadata, never assumed. Reads reject with CHAIN_UNREACHABLE when no endpoint
 * answers; a value that the chain does not have is null, never zero.
 */
export interface Chain {
  readonly endpoint: string;
  readonly genesisHash: Hex;
  readonly netuid: number;
  /** Newest known head and newest finalized block; null before the first one arrived. */
  readonly head: BlockRef | null;
  readonly finalized: BlockRef | null;
  readonly connected: boolean;
  /** Why the subnet is not the expected one any more, by the newest snapshot; null while it is. */
  readonly foreign: CodedError | null;
  /** Unix milliseconds of the last new block, or last final one, of a chain that has gone silent; else null. */
  readonly silentSinceMs: number | null;
  /** The subnet in the state of the newest finalized block that was read; null before the first one. */
  readonly snapshot: SubnetSnapshot | null;
  on<N extends keyof ChainEvents>(event: N, listener: (value: ChainEvents[N]) => void): () => void;

  blockHash(block: number, signal: AbortSignal): Promise<Hex>;
  subnet(at: Hex | null, signal: AbortSignal): Promise<SubnetFacts>;
  metagraph(at: Hex | null, signal: AbortSignal): Promise<readonly Neuron[]>;
  /** The commitment slots of these hotkeys in the state of that block (null = newest finalized). */
  commitments(
    hotkeys: readonly Ss58[],
    at: Hex | null,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Ss58, Commitment>>;
  /** Where these hotkeys say that they answer; whoever never said so is absent. */
  axons(hotkeys: readonly Ss58[], at: Hex | null, signal: AbortSignal): Promise<ReadonlyMap<Ss58, Axon>>;
  /** Free balance in the state of that block; null is the newest finalized one, here and below. */
  balance(account: Ss58, at: Hex | null, signal: AbortSignal): Promise<Rao>;
  /** Alpha that this coldkey holds on this hotkey, by the runtime's own call. */
  stake(hotkey: Ss58, coldkey: Ss58, at: Hex | null, signal: AbortSignal): Promise<AlphaRao>;
  /** Rao for one alpha; null where the runtime offers no price. */
  alphaPrice(at: Hex | null, signal: AbortSignal): Promise<Rao | null>;
  /** What staking that much would do, fee and its own pull on the price included; null where the runtime does not say. */
  stakeQuote(amountRao: Rao, at: Hex | null, signal: AbortSignal): Promise<StakeQuote | null>;
  /** IncentiveAlphaEmittedToMiners of one block: alpha per uid, or null when no epoch ran in it. */
  incentivesPaid(at: Hex, signal: AbortSignal): Promise<readonly AlphaRao[] | null>;

  /**
   * What a commit of weights needs, and what this hotkey has committed that is not opened yet.
   * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime takes neither kind of commit
   */
  commitTerms(hotkey: Ss58, signal: AbortSignal): Promise<CommitTerms>;
  /**
   * Those of commits by their hash, on a chain that takes locks by now too: it waits to be told those of before.
   * @throws {AppError} CHAIN_CALL_UNAVAILABLE where the runtime takes none
   */
  hashTerms(hotkey: Ss58, signal: AbortSignal): Promise<HashTerms>;

  /** Signs with the named account's key through the vault, submits, and follows to finality or to a known fate. */
  submit(call: ChainCall, signer: Signer, signal: AbortSignal, options?: SubmitOptions): Promise<TxFate>;
}

export interface ChainEvents {
  /** Every new best head. */
  head: BlockRef;
  /** Every finalized block, in order and without gaps. */
  finalized: BlockRef;
  /** The subnet as it stands in a newer finalized block; blocks may be passed over. */
  snapshot: SubnetSnapshot;
  /** `foreign` is another. */
  foreign: CodedError | null;
  /** Connection up or down. */
  connection: boolean;
  /** The chain has gone silent, or speaks again: as `silentSinceMs`. */
  silence: number | null;
}

export interface BlockRef {
  readonly number: number;
  readonly hash: Hex;
  readonly seenAtMs: number;
}

export interface SubnetFacts {
  /** A number may stand empty, and be given away again. A runtime that does not say is believed. */
  readonly isThere: boolean;
  readonly name: string | null;
  readonly ownerColdkey: Ss58 | null;
  readonly tempo: number;
  readonly weightsSetRateLimit: number;
  readonly immunityPeriod: number;
  readonly burnRao: Rao;
  readonly neurons: number;
  /** null until the owner started emission. */
  readonly firstEmissionBlock: number | null;
  readonly commitReveal: boolean;
  readonly maxCommitmentBytesPerEpoch: number;
  /** Uids that weights have to name at least, and the most that one may be of them, as a part of 65535. */
  readonly minAllowedWeights: number;
  readonly maxWeightsLimit: number;
  /** Weights are taken only from who states at least this. */
  readonly weightsVersion: number;
  /** Blocks without weights after which the chain counts a validator as inactive. */
  readonly activityCutoff: number;
}

/** Where a hotkey says that it answers: an IP address by number, and a port above 0. */
export interface Axon {
  readonly ip: string;
  readonly port: number;
}

export interface Neuron {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly validatorPermit: boolean;
  readonly active: boolean;
  readonly registeredAt: number;
  readonly lastUpdate: number;
  /** u16 shares of the last epoch. */
  readonly incentive: number;
  readonly dividends: number;
  /** The same; null where the runtime keeps no such figure (trust is gone from later ones). */
  readonly consensus: number | null;
  readonly trust: number | null;
  readonly emissionAlpha: AlphaRao;
  readonly stakeAlpha: AlphaRao;
}

/** A subnet in the state of one finalized block. */
export interface SubnetSnapshot {
  readonly block: BlockRef;
  readonly subnet: SubnetFacts;
  readonly neurons: readonly Neuron[];
  /** Rao for one alpha; null where the runtime offers no price. */
  readonly alphaPriceRao: Rao | null;
}

/** How weights are hidden before they count, in the state of one block. */
export type CommitTerms = TimelockTerms | HashTerms;

/** Under a lock that the chain opens by itself. */
export interface TimelockTerms {
  readonly kind: 'timelocked';
  readonly reveal: RevealTerms;
  /** Of the epoch that the block is in. */
  readonly epochBlock: number;
  /** Of the beacon, 96 bytes on G2. */
  readonly publicKey: Uint8Array;
  /** The chain takes weights only from who states at least this. */
  readonly versionKey: number;
  /** Not opened yet, the newest first: the block of each commit and the beacon's round that opens it. */
  readonly pending: readonly { readonly block: number; readonly round: number }[];
}

/** Where a runtime is older than that: by their hash. Who sent it says them in one later epoch, or they are lost. */
export interface HashTerms {
  readonly kind: 'hashed';
  readonly block: number;
  /** Of the epoch that the block is in. */
  readonly epochBlock: number;
  readonly nextEpochBlock: number;
  /** The first block in which what is committed in this epoch can be said. */
  readonly revealBlock: number;
  readonly versionKey: number;
  /** Not said yet, the newest first; each can be said in the blocks named. */
  readonly pending: readonly {
    readonly hash: Hex;
    readonly block: number;
    readonly fromBlock: number;
    readonly toBlock: number;
  }[];
}

export interface StakeQuote {
  /** What it buys. */
  readonly alpha: AlphaRao;
  /** Rao for one alpha once the order went through. */
  readonly priceAfterRao: Rao;
}

export interface Commitment {
  /** The chain's own record of the block in which this was written. */
  readonly block: number;
  readonly fields: readonly Uint8Array[];
}

/**
 * The calls the app makes, each on one subnet where it is about one. No unlimited market order is among them. Prices are
 * rao of TAO for one alpha, marginal ones after the order.
 */
export interface ChainCalls {
  readonly burnedRegister: { readonly hotkey: Ss58; readonly limitRao: Rao };
  readonly addStakeLimit: Order & { readonly amountRao: Rao };
  readonly removeStakeLimit: Order & { readonly amountAlpha: AlphaRao };
  readonly removeStakeFullLimit: Omit<Order, 'allowPartial'>;
  /** Here from another subnet. The ratio is that of the prices there and here, times 10^9. */
  readonly swapStakeLimit: Omit<Order, 'limitPriceRao'> & {
    readonly fromNetuid: number;
    readonly amountAlpha: AlphaRao;
    readonly limitRatio: bigint;
  };
  readonly moveStake: { readonly fromHotkey: Ss58; readonly toHotkey: Ss58; readonly amountAlpha: AlphaRao };
  readonly transferStake: {
    readonly toColdkey: Ss58;
    readonly hotkey: Ss58;
    readonly amountAlpha: AlphaRao;
  };
  readonly transfer: { readonly to: Ss58; readonly amountRao: Rao };
  readonly transferAll: { readonly to: Ss58; readonly keepAlive: boolean };
  readonly claimRoot: { readonly netuids: readonly number[] };
  readonly setAutoStake: { readonly hotkey: Ss58 };
  readonly swapHotkey: { readonly hotkey: Ss58; readonly newHotkey: Ss58 };
  readonly serveAxon: { readonly ip: string; readonly port: number; readonly version: number };
  readonly setCommitment: { readonly fields: readonly Uint8Array[] };
  readonly setWeights: {
    readonly weights: readonly { readonly uid: number; readonly weight: number }[];
    /** 0 is the first, and the only one on most subnets. */
    readonly mechanism: number;
  };
  readonly commitWeights: {
    /** Time-locked weights, as `src-shared/chain/timelock.ts` makes them. */
    readonly cipher: Uint8Array;
    readonly revealRound: number;
    /** Of the cipher's layout, as the chain names it. */
    readonly version: number;
    readonly mechanism: number;
  };
  readonly commitWeightsHash: {
    /** Of the weights and a salt, as `src-shared/chain/hash-commit.ts` makes it. */
    readonly hash: Hex;
    readonly mechanism: number;
  };
  readonly revealWeights: {
    readonly weights: readonly { readonly uid: number; readonly weight: number }[];
    readonly salt: readonly number[];
    readonly versionKey: number;
    readonly mechanism: number;
  };
  readonly registerNetwork: { readonly hotkey: Ss58 };
  readonly setSubnetIdentity: SubnetIdentity;
  readonly setHyperparameter: { readonly call: OwnerCall; readonly value: bigint | boolean };
  readonly startCall: Readonly<Record<never, never>>;
}

interface Order {
  readonly hotkey: Ss58;
  readonly limitPriceRao: Rao;
  readonly allowPartial: boolean;
}

export type ChainCall = { [K in keyof ChainCalls]: { readonly kind: K } & ChainCalls[K] }[keyof ChainCalls];

export type CallOf<K extends ChainCall['kind']> = Extract<ChainCall, { kind: K }>;

/** What a call did, by its own events: `done` where they tell no more than that. */
export type CallEffect =
  | {
      readonly kind: 'staked' | 'unstaked';
      readonly taoRao: Rao;
      readonly alpha: AlphaRao;
      /** Of what went in: rao of TAO when staking, alpha when taking out. */
      readonly fee: bigint;
    }
  | { readonly kind: 'registered'; readonly uid: number }
  | { readonly kind: 'opened'; readonly netuid: number }
  | { readonly kind: 'transferred'; readonly amountRao: Rao }
  | { readonly kind: 'done' };

/** Signs exactly the payload handed over; the vault knows the key, the chain client never does. */
export interface Signer {
  readonly address: Ss58;
  /**
   * @param payload the whole payload, call first, so that the signer can see what it signs; of more than 256 bytes the
   * chain wants the BLAKE2b-256 digest signed, which is the signer's to compute
   * @returns the 64 bytes of an sr25519 signature
   */
  sign(payload: Uint8Array): Promise<Uint8Array>;
  /** Its key opens for a person alone, who has agreed to what is signed: only such a one spends real money. */
  readonly isUnderPassword?: boolean;
}

export interface SubmitOptions {
  /** Last block in which the transaction may be included; beyond it the fate is "expired", not "unknown". */
  readonly lastBlock?: number;
  /** What a person agreed to: signed as it stands, on the runtime that it was read on, or not at all. */
  readonly agreed?: AgreedCall;
  /** Each step of the way; waited for, and nothing is handed over where it fails. */
  told?(stage: SubmitStage): void | Promise<void>;
}

/** A call as it was shown. */
export interface AgreedCall {
  readonly bytes: Uint8Array;
  readonly specVersion: number;
}

/** A signed transaction, with all that its fate can be looked up by. */
export interface SignedTransaction {
  /** With 0x, as the node takes it. */
  readonly encoded: string;
  readonly hash: Hex;
  readonly birthBlock: number;
  /** That can include it. */
  readonly lastBlock: number;
}

/** Where a transaction stands. Whatever comes after `sent` is a fate. */
export type SubmitStage =
  /** Nobody but us has it yet. */
  | ({ readonly kind: 'signed' } & SignedTransaction)
  /** No node can have it, and it is signed once more with the same nonce. */
  | { readonly kind: 'unsent' }
  | { readonly kind: 'sent' }
  /** May still be taken back: then it is `sent` again. */
  | { readonly kind: 'in-block'; readonly block: number }
  /** No node tells of it: it is looked for in one final block after the other. */
  | { readonly kind: 'lost'; readonly searchedToBlock: number | null };

/** What became of a transaction. `unknown` is a state to look up, never to retry blindly. */
export type TxFate =
  | {
      readonly kind: 'finalized';
      readonly hash: Hex;
      readonly block: number;
      readonly blockHash: Hex;
      /** null where the chain reports success and no event of what was asked for: nothing was done. */
      readonly effect: CallEffect | null;
    }
  | {
      readonly kind: 'refused';
      readonly hash: Hex | null;
      readonly module: string;
      readonly error: string;
      /** That holds it, so that its fee was paid; null where none does. */
      readonly block: number | null;
    }
  | { readonly kind: 'expired'; readonly hash: Hex }
  | {
      readonly kind: 'unknown';
      readonly hash: Hex;
      /** That holds it, though what it did there can be read no more; null: it may be in any block yet, or in none. */
      readonly block: number | null;
    };
