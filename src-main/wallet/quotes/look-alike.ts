import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { lookAlikeOf } from '../../../src-shared/look-alike.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { OwnTransaction } from '../own-transaction.ts';
import type { Weighed } from './ground.ts';

/** Where an order puts something; null: it moves nothing, or takes out, and that comes to the signer. */
function receiverOf(intent: Intent): Ss58 | null {
  switch (intent.kind) {
    case 'transfer':
      return intent.to;
    case 'transferStake':
      return intent.toColdkey;
    case 'moveStake':
      return intent.toHotkey;
    case 'unstake':
    case 'ownSubnet':
      return null;
    default:
      return intent.hotkey;
  }
}

/**
 * Warns where an order goes to an address that could be taken for a trusted one, or for one of earlier orders. Then it
 * is unusual, and what has to be typed is asked for.
 */
export function warnedOfLookAlike(
  weighed: Weighed,
  intent: Intent,
  known: readonly Ss58[],
  earlier: readonly OwnTransaction[],
): Weighed {
  const address = receiverOf(intent);
  if (address === null || !weighed.terms) return weighed;
  const before = earlier.flatMap((one) => receiverOf(one.intent) ?? []);
  const meant = lookAlikeOf(address, [...known, ...before]);
  if (meant === null) return weighed;
  const warning = { code: 'RECEIVER_LOOKS_LIKE', params: { address, known: meant } } as const;
  return { ...weighed, warnings: [warning, ...weighed.warnings], isUnusual: true };
}
