import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { AlphaRao, Ss58 } from '../../../src-shared/units.ts';
import { alphaRao } from '../../../src-shared/units.ts';
import { ROOT } from '../../network/expected-subnet.ts';
import { alphaText, type QuoteGround } from './ground.ts';

/** What speaks against stake on this hotkey of this subnet. */
export async function hotkeyFault(
  { chain, at }: QuoteGround,
  netuid: number,
  hotkey: Ss58,
  signal: AbortSignal,
): Promise<{
  readonly problem: CodedError | null;
  readonly warnings: readonly CodedError[];
  readonly owner: Ss58 | null;
}> {
  const [{ owner, uid }, { isOpen }] = await Promise.all([
    chain.hotkey(netuid, hotkey, at.hash, signal),
    chain.tokenRules(netuid, at.hash, signal),
  ]);
  if (owner === null)
    return { problem: { code: 'HOTKEY_NOT_ON_CHAIN', params: { hotkey } }, warnings: [], owner };
  if (!isOpen && netuid !== ROOT)
    return { problem: { code: 'TOKEN_NOT_OPEN', params: { netuid } }, warnings: [], owner };
  const params = { hotkey, netuid };
  return { problem: null, warnings: uid === null ? [{ code: 'HOTKEY_NOT_ON_SUBNET', params }] : [], owner };
}

/** So much of a stake, and what that leaves. */
export interface StakePart {
  readonly heldAlpha: AlphaRao;
  readonly alpha: AlphaRao;
  readonly leftAlpha: AlphaRao;
  readonly problem: CodedError | null;
}

/**
 * The part of a stake that an order is about. All of it is the chain's own number, whether it was asked for by that
 * word or by typing it; where a lock holds a part of it, the word means what no lock holds. Within a subnet and a
 * coldkey no lock holds anything: as much stays there as was.
 */
export async function partOf(
  { chain, at, coldkey }: QuoteGround,
  {
    netuid,
    hotkey,
    amount,
    stays = false,
  }: {
    readonly netuid: number;
    readonly hotkey: Ss58;
    readonly amount: AlphaRao | 'all';
    /** It leaves neither the subnet nor its coldkey. */
    readonly stays?: boolean;
  },
  signal: AbortSignal,
): Promise<StakePart> {
  const [heldAlpha, unlocked] = await Promise.all([
    chain.stake(netuid, hotkey, coldkey, at.hash, signal),
    stays ? null : chain.available(netuid, coldkey, at.hash, signal),
  ]);
  const alpha = amount === 'all' ? least(heldAlpha, unlocked) : amount;
  const leftAlpha = alphaRao(heldAlpha > alpha ? heldAlpha - alpha : 0n);
  return { heldAlpha, alpha, leftAlpha, problem: problemOf(alpha, heldAlpha, unlocked) };
}

const least = (held: AlphaRao, unlocked: AlphaRao | null): AlphaRao =>
  unlocked !== null && unlocked < held ? unlocked : held;

function problemOf(alpha: bigint, held: bigint, unlocked: bigint | null): CodedError | null {
  if (held === 0n || alpha > held) return { code: 'STAKE_TOO_LOW', params: { held: alphaText(held) } };
  // All of what is locked is nothing.
  return unlocked !== null && (alpha > unlocked || alpha === 0n)
    ? { code: 'STAKE_LOCKED', params: { available: alphaText(unlocked) } }
    : null;
}
