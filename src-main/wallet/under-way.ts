import type { Intent } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { OwnTransaction } from './own-transaction.ts';

/**
 * What is under way and speaks against an order: the same, of which nobody knows yet whether it happened, or a stake
 * that is in no block and cannot leave in the block that it comes into.
 * @param earlier of the same coldkey on the same chain
 */
export function underWay(intent: Intent, earlier: readonly OwnTransaction[]): CodedError | null {
  const open = earlier.filter(({ isOpen }) => isOpen);
  if (open.some((one) => isSameAim(one.intent, intent) && mayStillHappen(one)))
    return { code: 'ORDER_UNDER_WAY', params: {} };
  const rests = open.some(
    ({ intent: before, state }) => state.kind !== 'in-block' && takesFrom(before, intent),
  );
  return rests ? { code: 'STAKE_RESTS', params: {} } : null;
}

/**
 * Whether the newest order of the same aim has ended without an answer: it may have been done, and this one would do
 * it again.
 */
export function endedUnread(intent: Intent, earlier: readonly OwnTransaction[]): boolean {
  const before = earlier.find((one) => isSameAim(one.intent, intent));
  return before !== undefined && !before.isOpen && before.state.kind === 'unknown';
}

/** One that is in a block has happened: only its being final is waited for. */
const mayStillHappen = ({ state }: OwnTransaction): boolean => state.kind !== 'in-block';

/** Whether two orders want the same to be done, whatever the amount. */
function isSameAim(a: Intent, b: Intent): boolean {
  return a.kind === b.kind && aimOf(a) === aimOf(b);
}

function aimOf(intent: Intent): string {
  switch (intent.kind) {
    case 'transfer':
      return intent.to;
    case 'moveStake':
      return `${intent.netuid} ${intent.fromHotkey} ${intent.toHotkey}`;
    case 'transferStake':
      return `${intent.netuid} ${intent.hotkey} ${intent.toColdkey}`;
    case 'openSubnet':
      // Whatever its hotkey: one is meant, and each doubles the price of the next.
      return '';
    case 'ownSubnet':
      return `${intent.netuid} ${intent.act.kind} ${intent.act.kind === 'rule' ? intent.act.rule : ''}`;
    default:
      return `${intent.netuid} ${intent.hotkey}`;
  }
}

/** Whether one order puts stake where the next one takes it from. */
function takesFrom(before: Intent, next: Intent): boolean {
  const to = before.kind === 'stake' ? before.hotkey : before.kind === 'moveStake' ? before.toHotkey : null;
  const from =
    next.kind === 'unstake' || next.kind === 'transferStake'
      ? next.hotkey
      : next.kind === 'moveStake'
        ? next.fromHotkey
        : null;
  return (
    to !== null && to === from && 'netuid' in before && 'netuid' in next && before.netuid === next.netuid
  );
}
