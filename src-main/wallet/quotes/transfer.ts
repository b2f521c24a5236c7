import type { Intent } from '../../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { type Rao, rao, taoText, typedTao } from '../../../src-shared/units.ts';
import { type QuoteGround, refused, spendable, type Weighed } from './ground.ts';

type Transfer = Extract<Intent, { kind: 'transfer' }>;

/**
 * TAO to another account. All of it is what the chain finds free then, but for what keeps the account.
 * @param isFirst nothing was ever sent there from here
 */
export async function weighTransfer(
  ground: QuoteGround,
  { to, amountRao: asked }: Transfer,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Weighed> {
  const { chain, at, coldkey, balance } = ground;
  if (to === coldkey) return refused({ code: 'RECEIVER_IS_SENDER', params: {} });
  const isAll = asked === 'all';
  const amountRao = isAll ? rao(spendable(ground)) : asked;
  const receiver = await chain.balance(to, at.hash, signal);
  return {
    terms: { kind: 'transfer', to, amountRao, isFirst },
    call: isAll ? { kind: 'transferAll', to, keepAlive: true } : { kind: 'transfer', to, amountRao },
    // The fee is taken out of all, not added to it.
    spendsRao: isAll ? 0n : amountRao,
    isPaidOut: false,
    undone: 'never',
    warnings: [
      ...(isFirst ? [{ code: 'RECEIVER_NEW', params: { address: to } } as const] : []),
      ...(isAll ? [{ code: 'ALL_TAKES_LATER', params: {} } as const] : []),
    ],
    isUnusual: isAll || amountRao * 4n > balance.freeRao,
    problem: problemOf(amountRao, receiver.freeRao + receiver.reservedRao, ground.depositRao),
    ...{ amountText: typedTao(amountRao), lifeBlocks: null },
  };
}

function problemOf(amountRao: bigint, hasRao: bigint, depositRao: Rao): CodedError | null {
  if (amountRao <= 0n) return { code: 'FUNDS_TOO_LOW', params: {} };
  return hasRao === 0n && amountRao < depositRao
    ? { code: 'RECEIVER_BELOW_MINIMUM', params: { least: taoText(depositRao) } }
    : null;
}
