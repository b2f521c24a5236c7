import type { Intent } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { MoneyChain } from '../network/money.ts';

/**
 * The first block that can take an order which was refused only for the time being.
 * @param refusedIn the block that refused it; null: the pool of a node did
 * @returns null where that is not why it was refused, or the chain does not say until when
 */
export async function retryBlock(
  intent: Intent,
  { code }: Pick<CodedError, 'code'>,
  refusedIn: number | null,
  chain: Pick<MoneyChain, 'newest' | 'registration'>,
  signal: AbortSignal,
): Promise<number | null> {
  switch (code) {
    // Stake rests in the block in which it came alone.
    case 'STAKE_RESTS':
      return (refusedIn ?? chain.newest().number) + 1;
    case 'REGISTRATIONS_FULL_NOW': {
      if (intent.kind !== 'register') return null;
      const at = chain.newest();
      const { fullUntil } = await chain.registration(intent.netuid, at, signal);
      return fullUntil ?? at.number + 1;
    }
    default:
      return null;
  }
}
