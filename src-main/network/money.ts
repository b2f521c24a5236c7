import type { SubnetIdentity } from '../../src-shared/chain/subnet-identity.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import type {
  BlockRef,
  ChainCall,
  SignedTransaction,
  Signer,
  SubmitOptions,
  SubnetFacts,
  TxFate,
} from './chain.ts';
import type { ExpectedSubnet } from './expected-subnet.ts';
import type { AccountBalance, HotkeyFacts } from './reads/account.ts';
import type { Hyperparameters } from './reads/hyperparameters.ts';
import type { OrderMinimums } from './reads/minimums.ts';
import type { Registration } from './reads/registration.ts';
import type { BuyQuote, SellQuote } from './reads/swap.ts';
import type { ReviewedCall } from './review.ts';

/** What the money desk asks of a network, subnet by subnet. `at` is a block's hash. */
export interface MoneyChain {
  /** The newest block that is known. @throws {AppError} CHAIN_UNREACHABLE before the first */
  newest(): BlockRef;
  balance(account: Ss58, at: Hex, signal: AbortSignal): Promise<AccountBalance>;
  /** Below it an account is removed. */
  existentialDeposit(signal: AbortSignal): Promise<Rao>;
  minimums(at: Hex, signal: AbortSignal): Promise<OrderMinimums>;
  stake(netuid: number, hotkey: Ss58, coldkey: Ss58, at: Hex, signal: AbortSignal): Promise<AlphaRao>;
  /** Of a coldkey's stake on the subnet, what no lock holds; null where the runtime knows no locks. */
  available(netuid: number, coldkey: Ss58, at: Hex, signal: AbortSignal): Promise<AlphaRao | null>;
  price(netuid: number, at: Hex, signal: AbortSignal): Promise<Rao | null>;
  /** null: no quote, here and below. */
  buy(netuid: number, amountRao: Rao, at: Hex, signal: AbortSignal): Promise<BuyQuote | null>;
  sell(netuid: number, amountAlpha: AlphaRao, at: Hex, signal: AbortSignal): Promise<SellQuote | null>;
  hotkey(netuid: number, hotkey: Ss58, at: Hex, signal: AbortSignal): Promise<HotkeyFacts>;
  subnet(netuid: number, at: Hex, signal: AbortSignal): Promise<SubnetFacts>;
  /** What a new subnet costs; null where the runtime does not say. */
  subnetPrice(at: Hex, signal: AbortSignal): Promise<Rao | null>;
  /** What the subnet says of itself; null where it says nothing. */
  identity(netuid: number, at: Hex, signal: AbortSignal): Promise<SubnetIdentity | null>;
  /** null where there is no such subnet. @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  rules(netuid: number, at: Hex, signal: AbortSignal): Promise<Hyperparameters | null>;
  tokenRules(
    netuid: number,
    at: Hex,
    signal: AbortSignal,
  ): Promise<{ readonly isOpen: boolean; readonly allowsTransfer: boolean }>;
  registration(netuid: number, at: BlockRef, signal: AbortSignal): Promise<RegistrationTerms>;
  /** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  review(netuid: number, call: ChainCall, signer: Ss58, signal: AbortSignal): Promise<ReviewedCall>;
  /**
   * As `Chain.submit`, of a call as it was looked over.
   * @param expected what the subnet was when it was: money goes into no other
   * @throws {AppError} REVIEW_OUTDATED, CHAIN_IDENTITY_MISMATCH, SUBNET_ABSENT, SPENDING_NEEDS_WALLET
   */
  submit(
    reviewed: ReviewedCall,
    signer: Signer,
    expected: ExpectedSubnet,
    signal: AbortSignal,
    options: Omit<SubmitOptions, 'agreed'>,
  ): Promise<TxFate>;
  /** Looks for what an earlier process signed. Nothing is sent. */
  lookUp(
    sent: SignedTransaction,
    call: ChainCall,
    signal: AbortSignal,
    told: (searchedToBlock: number | null) => void,
  ): Promise<TxFate>;
  /** Change of the signer's free balance over the block of its transaction; null where it is not known. */
  ownChange(
    sent: { readonly encoded: string; readonly account: Ss58 },
    at: Hex,
    signal: AbortSignal,
  ): Promise<bigint | null>;
}

export interface RegistrationTerms extends Registration {
  /** Whether the chain itself holds a limit. */
  readonly capsPrice: boolean;
  /** From which block on a registration is taken again; null where nothing stands in the way. */
  readonly fullUntil: number | null;
}
