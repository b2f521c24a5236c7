import type { Intent } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { RAO_PER_TAO, rao, typedTao } from '../../../src-shared/units.ts';
import type { ChainCall } from '../../network/chain.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import { amountTooLow, type QuoteGround, refused, rootPrice, type Weighed } from './ground.ts';
import { hotkeyFault, partOf, type StakePart } from './places.ts';

type Move = Extract<Intent, { kind: 'moveStake' }>;
type Give = Extract<Intent, { kind: 'transferStake' }>;

/** To another hotkey of the same subnet: nothing is exchanged. */
export async function weighMove(
  ground: QuoteGround,
  { netuid, fromHotkey, toHotkey, amountAlpha }: Move,
  signal: AbortSignal,
): Promise<Weighed> {
  if (fromHotkey === toHotkey) return refused({ code: 'HOTKEY_THE_SAME', params: {} });
  const moved = { netuid, hotkey: fromHotkey, amount: amountAlpha, stays: true };
  const part = await partOf(ground, moved, signal);
  const fault = await hotkeyFault(ground, netuid, toHotkey, signal);
  const call: ChainCall = { kind: 'moveStake', fromHotkey, toHotkey, amountAlpha: part.alpha };
  const problem = part.problem ?? fault.problem ?? (await tooLow(ground, netuid, part, signal));
  return weighed('moveStake', part, call, { problem, warnings: fault.warnings, isUnusual: false });
}

/** To another coldkey, on the same hotkey of the same subnet: given away for good. */
export async function weighGift(
  ground: QuoteGround,
  { netuid, hotkey, toColdkey, amountAlpha }: Give,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Weighed> {
  if (toColdkey === ground.coldkey) return refused({ code: 'RECEIVER_IS_SENDER', params: {} });
  const { chain, at } = ground;
  const [part, rules] = await Promise.all([
    partOf(ground, { netuid, hotkey, amount: amountAlpha }, signal),
    chain.tokenRules(netuid, at.hash, signal),
  ]);
  const closed: CodedError | null = rules.allowsTransfer
    ? null
    : { code: 'TRANSFER_NOT_ALLOWED', params: { netuid } };
  const call: ChainCall = { kind: 'transferStake', toColdkey, hotkey, amountAlpha: part.alpha };
  return weighed('transferStake', part, call, {
    problem: part.problem ?? closed ?? (await tooLow(ground, netuid, part, signal)),
    warnings: isFirst ? [{ code: 'RECEIVER_NEW', params: { address: toColdkey } }] : [],
    isUnusual: part.alpha * 4n > part.heldAlpha,
  });
}

const weighed = (
  kind: 'moveStake' | 'transferStake',
  { alpha, leftAlpha }: StakePart,
  call: ChainCall,
  rest: Pick<Weighed, 'problem' | 'warnings' | 'isUnusual'>,
): Weighed => ({
  terms: { kind, alpha, leftAlpha },
  call: rest.problem ? null : call,
  spendsRao: 0n,
  isPaidOut: false,
  undone: kind === 'moveStake' ? 'by-moving-back' : 'never',
  ...rest,
  ...{ amountText: typedTao(rao(alpha)), lifeBlocks: null },
});

/** What is moved must be worth as much as any order, also where all of it goes. */
async function tooLow(
  ground: QuoteGround,
  netuid: number,
  { alpha }: StakePart,
  signal: AbortSignal,
): Promise<CodedError | null> {
  const { chain, at, minimums } = ground;
  const priceRao = netuid === ROOT ? rootPrice : await chain.price(netuid, at.hash, signal);
  const isTooLow = priceRao !== null && (alpha * priceRao) / RAO_PER_TAO < minimums.leastRao;
  return isTooLow ? amountTooLow(ground, minimums.leastRao) : null;
}
