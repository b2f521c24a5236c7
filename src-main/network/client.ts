import type { CallName } from '../../src-shared/chain/calls.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { BlockRef, Chain, ChainCall, Signer, SubmitOptions, TxFate } from './chain.ts';
import type { EconomyReads } from './economy-reads.ts';
import type { EndpointHealth } from './endpoints.ts';
import type { ExpectedSubnet } from './expected-subnet.ts';
import type { MoneyChain } from './money.ts';
import type { CommitmentSpace } from './reads/commitments.ts';
import type { Place, Portfolio } from './reads/portfolio.ts';
import type { PricedSubnet } from './reads/priced-subnets.ts';
import type { StakeEvents } from './reads/stake-events.ts';
import type { StakeOwner } from './reads/stake-moves.ts';
import type { SubnetOwner } from './reads/subnet.ts';
import type { SubnetValidators } from './reads/validators.ts';

export interface NetworkEvents {
  head: BlockRef;
  finalized: BlockRef;
  connection: boolean;
  silence: number | null;
}

/** The one client of a chain network: one socket, whoever reads through it. */
export interface Network {
  readonly endpoint: string;
  /** All that were named, with what is known of each. */
  readonly endpoints: readonly EndpointHealth[];
  readonly genesisHash: Hex;
  readonly head: BlockRef | null;
  readonly finalized: BlockRef | null;
  readonly connected: boolean;
  /** As `Chain.silentSinceMs`. */
  readonly silentSinceMs: number | null;
  on<N extends keyof NetworkEvents>(name: N, listener: (value: NetworkEvents[N]) => void): () => void;
  /** First two bytes of every call this runtime has, for the vault's allow-list; empty while not connected. */
  callIndexes(): ReadonlyMap<CallName, Hex>;
  /** What the chain calls itself, and its runtime's version. */
  identity(signal: AbortSignal): Promise<{ readonly name: string; readonly specVersion: number }>;
  /** Unix milliseconds of a block by its own statement; null where the runtime keeps no time. */
  blockTimeMs(at: Hex, signal: AbortSignal): Promise<number | null>;
  /** Name and owner of a subnet at the best block; null where there is none of that number. */
  subnetName(
    netuid: number,
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly ownerColdkey: Ss58 | null } | null>;
  /**
   * All that a coldkey holds, in the state of that block.
   * @param expected the stakes of the reading before, which saves a second question; none at first
   */
  portfolio(coldkey: Ss58, expected: readonly Place[], at: Hex, signal: AbortSignal): Promise<Portfolio>;
  /** All subnets but root, by netuid. @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  allSubnets(at: Hex, signal: AbortSignal): Promise<readonly PricedSubnet[]>;
  /** Names of these subnets; one without a name is absent. */
  subnetNames(netuids: readonly number[], at: Hex, signal: AbortSignal): Promise<ReadonlyMap<number, string>>;
  blockHash(block: number, signal: AbortSignal): Promise<Hex>;
  /** Whom stake can go to on a subnet, and `also`, in the state of that block. */
  validators(netuid: number, also: readonly Ss58[], at: Hex, signal: AbortSignal): Promise<SubnetValidators>;
  /** Alpha for one share of what lies on each hotkey; null where the node has let go of that block's state. */
  shareWorths(
    netuid: number,
    hotkeys: readonly Ss58[],
    block: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Ss58, number> | null>;
  /**
   * The chain as a member of one subnet sees it, watched until the signal aborts.
   * @throws {AppError} CHAIN_IDENTITY_MISMATCH, SUBNET_ABSENT
   */
  subnet(netuid: number, expected: ExpectedSubnet | null, signal: AbortSignal): Promise<ConnectedChain>;
  /**
   * A call on any subnet, also one that is no longer what it was or that no profile knows: what takes money out of it,
   * or to root. What puts money into one wants `subnet`, which proves it first.
   * @throws {AppError} SUBNET_UNPROVED, SPENDING_NEEDS_WALLET, CHAIN_CALL_UNAVAILABLE
   */
  submit(
    netuid: number,
    call: ChainCall,
    signer: Signer,
    signal: AbortSignal,
    options?: SubmitOptions,
  ): Promise<TxFate>;
  /** What the money desk asks of it. */
  readonly money: MoneyChain;
  stop(): Promise<void>;
}

/** What the client can do beyond the interface that most of the host uses. */
export interface ConnectedChain extends Chain {
  callIndexes(): ReadonlyMap<CallName, Hex>;
  /** Unix milliseconds of a block by its own statement; null where the runtime keeps no time. */
  blockTimeMs(at: Hex, signal: AbortSignal): Promise<number | null>;
  /** The hotkey's uid in the state of that block; null when it was not registered. */
  uidOf(hotkey: Ss58, at: Hex, signal: AbortSignal): Promise<number | null>;
  /** What a block's events say of a stake here; null where none of them is about it. */
  stakeEvents(owner: StakeOwner, at: Hex, signal: AbortSignal): Promise<StakeEvents | null>;
  /** Who owns the subnet, in the state of that block. */
  owner(at: Hex, signal: AbortSignal): Promise<SubnetOwner>;
  commitmentSpace(hotkey: Ss58, signal: AbortSignal): Promise<CommitmentSpace>;
  /** Block of the last epoch, or null where the runtime goes by block numbers alone. */
  lastEpochBlock(at: Hex | null, signal: AbortSignal): Promise<number | null>;
  /** Pool, emission, rules and neighbours, for who looks at them. */
  readonly economy: EconomyReads;
}
