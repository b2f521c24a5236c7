import type { TransactionOutcome, TransactionState } from '../../src-shared/contract/page/money.ts';
import type { CallEffect, ChainCall, TxFate } from '../network/chain.ts';
import type { MoneyChain } from '../network/money.ts';
import type { OwnTransaction } from './own-transaction.ts';
import { refusalOf } from './refusals.ts';
import { retryBlock } from './retry-block.ts';

/** What a fate means to a person. What was really paid is the difference of balances, never the quote. */
export async function stateOf(
  { intent, account, signed, call }: OwnTransaction,
  fate: TxFate,
  chain: Pick<MoneyChain, 'ownChange' | 'newest' | 'registration'>,
  signal: AbortSignal,
): Promise<TransactionState> {
  switch (fate.kind) {
    case 'finalized': {
      const { block, blockHash, effect } = fate;
      if (!effect && mayDoNothing(call))
        return { kind: 'refused', block, error: { code: 'ORDER_DID_NOTHING', params: {} } };
      const sent = { encoded: signed.encoded, account: account.coldkey };
      const balanceRao = await chain.ownChange(sent, blockHash, signal).catch(() => null);
      return { kind: 'done', block, outcome: outcomeOf(effect, balanceRao) };
    }
    case 'refused': {
      const error = refusalOf(intent, fate);
      const again = await retryBlock(intent, error, fate.block, chain, signal).catch(() => null);
      return { kind: 'refused', block: fate.block, error, ...(again !== null && { retryBlock: again }) };
    }
    case 'expired':
      return { kind: 'expired' };
    case 'unknown':
      return {
        kind: 'unknown',
        searchedToBlock: fate.block,
        ...(fate.block !== null && { block: fate.block }),
      };
  }
}

/** An order that is carried out in part may be carried out not at all. Of any other, success says that it was done. */
const mayDoNothing = (call: ChainCall): boolean => 'allowPartial' in call && call.allowPartial;

/** @param effect null: what came of it no event says */
function outcomeOf(effect: CallEffect | null, balanceRao: bigint | null): TransactionOutcome {
  const nothing = { balanceRao, taoRao: null, alpha: null, uid: null };
  switch (effect?.kind) {
    case 'staked':
    case 'unstaked':
      return { ...nothing, taoRao: effect.taoRao, alpha: effect.alpha };
    case 'registered':
      return { ...nothing, uid: effect.uid };
    case 'opened':
      return { ...nothing, netuid: effect.netuid };
    case 'transferred':
      return { ...nothing, taoRao: effect.amountRao };
    default:
      return nothing;
  }
}
