import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  type AlphaRao,
  alphaRao,
  type Hex,
  RAO_PER_TAO,
  type Rao,
  rao,
  type Ss58,
} from '../../../src-shared/units.ts';
import type { StakeQuote } from '../chain.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, requiredItem } from '../storage.ts';

/** Free balance; an account the chain does not know has none. */
export async function readBalance(
  session: Session,
  account: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<Rao> {
  const item = requiredItem(session, 'System', 'Account');
  const [value] = await readMany(session, [{ item, args: [account] }], at, signal);
  return rao(parse(v.object({ data: v.object({ free: anyUint }) }), value?.toPrimitive()).data.free);
}

/** Stake is a share of a pool: only the runtime's own call knows what it is worth now. */
export async function readStake(
  session: Session,
  netuid: number,
  account: { readonly hotkey: Ss58; readonly coldkey: Ss58 },
  at: Hex,
  signal: AbortSignal,
): Promise<AlphaRao> {
  const api = 'StakeInfoRuntimeApi';
  const method = 'get_stake_info_for_hotkey_coldkey_netuid';
  const args = [account.hotkey, account.coldkey, netuid];
  const found = await callRuntime(session, api, method, args, at, signal);
  if (found === undefined) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${api}.${method}` });
  return alphaRao(parse(v.nullable(v.object({ stake: anyUint })), found)?.stake ?? 0n);
}

/** Rao of TAO for one alpha (1e9 alpha rao); null where the runtime offers no price. */
export async function readAlphaPrice(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<Rao | null> {
  const found = await callRuntime(session, 'SwapRuntimeApi', 'current_alpha_price', [netuid], at, signal);
  return found === undefined ? null : rao(parse(anyUint, found));
}

/** Small beside the order, and large enough that what it buys is not lost in rounding. */
const stepOf = (amountRao: bigint): bigint => (amountRao / 100n > 1_000_000n ? amountRao / 100n : 1_000_000n);

/**
 * What the runtime says a stake would buy. The price after it is what a little more would cost on top: that holds for
 * any kind of pool, and the fee is in it.
 */
export async function readStakeQuote(
  session: Session,
  netuid: number,
  amountRao: Rao,
  at: Hex,
  signal: AbortSignal,
): Promise<StakeQuote | null> {
  const step = stepOf(amountRao);
  const [bought, more] = await Promise.all(
    [amountRao, amountRao + step].map(async (tao) => {
      const args = [netuid, tao];
      const found = await callRuntime(session, 'SwapRuntimeApi', 'sim_swap_tao_for_alpha', args, at, signal);
      return found === undefined ? 0n : parse(v.object({ alphaAmount: anyUint }), found).alphaAmount;
    }),
  );
  if (!bought || !more || more <= bought) return null;
  return { alpha: alphaRao(bought), priceAfterRao: rao((step * RAO_PER_TAO) / (more - bought)) };
}
