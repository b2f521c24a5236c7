import { withLimit } from '../../../src-node/waits.ts';
import type {
  Intent,
  MoneyNetwork,
  MoneyOrder,
  MoneyQuote,
} from '../../../src-shared/contract/page/money.ts';
import { TOLERANCE_BPS } from '../../../src-shared/contract/page/order.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { rao, type Ss58, typedTao } from '../../../src-shared/units.ts';
import { isWrittenAsKnown } from '../../network/calls/own-bytes.ts';
import type { Network } from '../../network/client.ts';
import { type ExpectedSubnet, ROOT } from '../../network/expected-subnet.ts';
import { identityFault } from '../../network/identity.ts';
import { knownNetwork } from '../../network/known.ts';
import type { ReviewedCall } from '../../network/review.ts';
import { QUOTE_LIFE_MS, QUOTE_READ_LIMIT_MS } from '../limits.ts';
import { type AskedAt, askedAt } from '../money-networks.ts';
import type { OwnTransaction } from '../own-transaction.ts';
import { endedUnread, underWay } from '../under-way.ts';
import { percentText, type QuoteGround, refused, spendable, tooPoor, type Weighed } from './ground.ts';
import { warnedOfLookAlike } from './look-alike.ts';
import { weighGift, weighMove } from './move-stake.ts';
import { weighOpenSubnet } from './open-subnet.ts';
import { weighOwnSubnet } from './own-subnet.ts';
import { weighRegister } from './register.ts';
import { weighStake } from './stake.ts';
import { weighTransfer } from './transfer.ts';
import { weighUnstake } from './unstake.ts';

/** A quote with what it would take to carry it out: its call is frozen with its numbers. */
export interface FrozenQuote {
  readonly order: MoneyOrder;
  readonly quote: MoneyQuote;
  readonly weighed: Weighed;
  /** null where there is a problem. */
  readonly reviewed: ReviewedCall | null;
  readonly subnet: SubnetSeen | null;
  readonly network: MoneyNetwork;
  /** By whose word it was weighed. */
  readonly asked: AskedAt;
}

/** A subnet as it was when the order was weighed. Money goes into no other. */
export interface SubnetSeen extends ExpectedSubnet {
  readonly netuid: number;
  /** A run's profile names it so; else the chain alone does. */
  readonly isExpected: boolean;
}

export interface QuoteOptions {
  readonly id: string;
  readonly network: Network;
  /** The same, as it is shown. */
  readonly shown: MoneyNetwork;
  /** What a run's profile says that the subnet is; null where none does. */
  readonly expected: ExpectedSubnet | null;
  /** Of this coldkey on this chain, newest first. */
  readonly earlier: readonly OwnTransaction[];
  /** Addresses that the user trusts. */
  readonly known: readonly Ss58[];
  /** Why its coldkey signs nothing here; null where it does. */
  readonly holderFault: CodedError | null;
}

/** Weighs an order in the state of the newest block. Spends nothing. @throws {AppError} of the network, TOLERANCE_INVALID */
export async function quoteOrder(
  order: MoneyOrder,
  options: QuoteOptions,
  wait: AbortSignal,
): Promise<FrozenQuote> {
  const { network, earlier } = options;
  const { coldkey } = order.account;
  const signal = withLimit(wait, QUOTE_READ_LIMIT_MS);
  demandTolerance(order.intent);
  const chain = network.money;
  const at = chain.newest();
  const [balance, depositRao, minimums] = await Promise.all([
    chain.balance(coldkey, at.hash, signal),
    chain.existentialDeposit(signal),
    chain.minimums(at.hash, signal),
  ]);
  const ground: QuoteGround = { chain, at, coldkey, balance, depositRao, minimums };
  const netuid = netuidOf(order.intent);
  const place = netuid === null ? null : await subnetAt(ground, netuid, options, signal);
  const found = place?.fault ? refused(place.fault) : await weigh(ground, order.intent, earlier, signal);
  const { call } = found;
  const reviewed = call && (await chain.review(netuid ?? ROOT, call, coldkey, signal));
  const feeRao = reviewed?.feeRao ?? null;
  const { intent } = order;
  const weighed = warnedOfLookAlike(afterFee(found, feeRao), intent, options.known, earlier);
  const problem =
    options.holderFault ??
    weighed.problem ??
    underWay(order.intent, earlier) ??
    (weighed.terms ? fundsFault(ground, weighed, feeRao) : null);
  const isAgain = endedUnread(order.intent, earlier);
  const isOther = reviewed !== null && isNumberedOtherwise(network, reviewed);
  const atMs = Date.now();
  const quote: MoneyQuote = {
    ...{ id: options.id, block: at.number, atMs, expiresAtMs: atMs + QUOTE_LIFE_MS },
    terms: weighed.terms,
    networkFeeRao: feeRao,
    freeNowRao: balance.freeRao,
    freeAfterRao: freeAfter(ground, weighed, feeRao),
    mostRao: most(ground, weighed, feeRao),
    warnings: [
      ...weighed.warnings,
      ...commonWarnings(ground, weighed, feeRao, earlier),
      ...(isAgain ? [{ code: 'EARLIER_UNREADABLE', params: {} } as const] : []),
      ...(isOther ? [{ code: 'CALL_NUMBERED_OTHERWISE', params: {} } as const] : []),
    ],
    typedConsent:
      weighed.terms && (isAgain || isOther || isUnusual(ground, weighed, earlier))
        ? weighed.amountText
        : null,
    problem,
  };
  return {
    order,
    quote,
    weighed,
    reviewed: problem ? null : reviewed,
    subnet: place?.seen ?? null,
    network: options.shown,
    asked: askedAt(network),
  };
}

/** On a real network a node's description of a call is compared with what is known of it here (decision 17). */
const isNumberedOtherwise = ({ genesisHash }: Network, { netuid, call, bytes }: ReviewedCall): boolean =>
  knownNetwork(genesisHash) !== null && !isWrittenAsKnown(netuid, call, bytes);

function demandTolerance(intent: Intent): void {
  if (!('toleranceBps' in intent)) return;
  const { least, most: top } = TOLERANCE_BPS;
  if (!Number.isInteger(intent.toleranceBps) || intent.toleranceBps < least || intent.toleranceBps > top)
    throw new AppError('TOLERANCE_INVALID', { least: percentText(least), most: percentText(top) });
}

/** null: it is about no subnet. */
const netuidOf = (intent: Intent): number | null => ('netuid' in intent ? intent.netuid : null);

/** What the subnet is now, and whether that is what a run knows it as. */
async function subnetAt(
  { chain, at }: QuoteGround,
  netuid: number,
  { expected, network }: QuoteOptions,
  signal: AbortSignal,
): Promise<{ readonly seen: SubnetSeen; readonly fault: CodedError | null }> {
  const facts = await chain.subnet(netuid, at.hash, signal);
  const { name, ownerColdkey } = facts;
  const fault = netuid === ROOT ? null : identityFault(netuid, facts, expected, network.endpoint);
  return {
    seen: { netuid, isExpected: expected !== null, ...(expected ?? { name, ownerColdkey }), ...{ name } },
    fault,
  };
}

function weigh(
  ground: QuoteGround,
  intent: Intent,
  earlier: readonly OwnTransaction[],
  signal: AbortSignal,
): Promise<Weighed> {
  switch (intent.kind) {
    case 'stake':
      return weighStake(ground, intent, signal);
    case 'unstake':
      return weighUnstake(ground, intent, signal);
    case 'transfer':
      return weighTransfer(ground, intent, isFirstTo(intent.to, earlier), signal);
    case 'moveStake':
      return weighMove(ground, intent, signal);
    case 'transferStake':
      return weighGift(ground, intent, isFirstTo(intent.toColdkey, earlier), signal);
    case 'register':
      return weighRegister(ground, intent, signal);
    case 'openSubnet':
      return weighOpenSubnet(ground, intent, signal);
    case 'ownSubnet':
      return weighOwnSubnet(ground, intent, signal);
  }
}

/** All TAO is what the fee leaves of it. */
function afterFee(weighed: Weighed, feeRao: bigint | null): Weighed {
  const { terms } = weighed;
  if (!takesAll(weighed) || terms?.kind !== 'transfer' || feeRao === null) return weighed;
  const amountRao = rao(terms.amountRao > feeRao ? terms.amountRao - feeRao : 0n);
  return { ...weighed, terms: { ...terms, amountRao }, amountText: typedTao(amountRao) };
}

/** Whether nothing that was sent there is done. */
const isFirstTo = (to: string, earlier: readonly OwnTransaction[]): boolean =>
  !earlier.some(
    ({ intent, state }) =>
      state.kind === 'done' &&
      ((intent.kind === 'transfer' && intent.to === to) ||
        (intent.kind === 'transferStake' && intent.toColdkey === to)),
  );

/** What is free must hold the order, the fee, and what keeps the account. */
function fundsFault(
  ground: QuoteGround,
  { spendsRao, isPaidOut }: Weighed,
  feeRao: bigint | null,
): CodedError | null {
  // What takes alpha out may pay its fee from it.
  if (isPaidOut || spendsRao + (feeRao ?? 0n) <= spendable(ground)) return null;
  return tooPoor(ground, spendsRao + (feeRao ?? 0n));
}

const takesAll = ({ call }: Weighed): boolean => call?.kind === 'transferAll';

function most(ground: QuoteGround, weighed: Weighed, feeRao: bigint | null) {
  if (takesAll(weighed)) return ground.balance.freeRao;
  return rao(weighed.spendsRao + (feeRao ?? 0n));
}

function freeAfter({ balance, depositRao }: QuoteGround, weighed: Weighed, feeRao: bigint | null) {
  if (!weighed.terms || weighed.isPaidOut || feeRao === null) return null;
  if (takesAll(weighed)) return depositRao;
  const left = balance.freeRao - weighed.spendsRao - feeRao;
  return left < 0n ? null : rao(left);
}

const sharePercent = ({ balance }: QuoteGround, { spendsRao }: Weighed): number =>
  balance.freeRao === 0n ? 0 : Number((spendsRao * 100n) / balance.freeRao);

const isLargeShare = ({ balance }: QuoteGround, { spendsRao }: Weighed): boolean =>
  spendsRao > 0n && spendsRao * 4n > balance.freeRao;

const isUnusual = (ground: QuoteGround, weighed: Weighed, earlier: readonly OwnTransaction[]): boolean =>
  weighed.isUnusual || isLargeShare(ground, weighed) || earlier.length === 0;

function commonWarnings(
  ground: QuoteGround,
  weighed: Weighed,
  feeRao: bigint | null,
  earlier: readonly OwnTransaction[],
): readonly CodedError[] {
  if (!weighed.terms) return [];
  const found: CodedError[] = [];
  if (feeRao === null) found.push({ code: 'FEE_UNKNOWN', params: {} });
  if (weighed.isPaidOut && feeRao !== null && feeRao > spendable(ground))
    found.push({ code: 'FEE_IN_ALPHA', params: {} });
  if (isLargeShare(ground, weighed))
    found.push({ code: 'LARGE_SHARE', params: { percent: sharePercent(ground, weighed) } });
  if (earlier.length === 0) found.push({ code: 'FIRST_ORDER', params: {} });
  return found;
}
