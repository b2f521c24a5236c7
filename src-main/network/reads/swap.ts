import * as v from 'valibot';
import { MOST_RAO } from '../../../src-shared/amount.ts';
import { type AlphaRao, alphaRao, type Hex, RAO_PER_TAO, type Rao, rao } from '../../../src-shared/units.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse } from '../storage.ts';

/** What an order would do, as the runtime simulates it in the state of one block. Prices are rao for one alpha. */
export interface BuyQuote {
  readonly alpha: AlphaRao;
  /** Of the TAO that goes in. */
  readonly feeRao: Rao;
  /** At which the pool would stand afterwards, told too high rather than too low. */
  readonly priceAfterRao: Rao;
}

export interface SellQuote {
  readonly taoRao: Rao;
  /** Of the alpha that goes in. */
  readonly feeAlpha: AlphaRao;
  /** Told too low rather than too high. */
  readonly priceAfterRao: Rao;
}

const answerSchema = v.object({
  taoAmount: anyUint,
  alphaAmount: anyUint,
  taoFee: v.optional(anyUint, 0),
  alphaFee: v.optional(anyUint, 0),
});

/** A hundredth of the order; in a small one what it brings would be lost in rounding. */
const stepOf = (amount: bigint, least: bigint): bigint => {
  const step = amount / 100n > least ? amount / 100n : least;
  // The chain's numbers end there.
  return amount + step > MOST_RAO ? MOST_RAO - amount : step;
};
const LEAST_STEP_RAO = 1_000_000n;
const LEAST_STEP_ALPHA = 100_000_000n;

/**
 * What so much TAO would buy. The price afterwards is what a little more would cost on top: that holds for any kind of
 * pool, and the fee is in it.
 * @returns null where the runtime has no quote: zeros are how it says so
 */
export async function readBuy(
  session: Session,
  netuid: number,
  amountRao: Rao,
  at: Hex,
  signal: AbortSignal,
): Promise<BuyQuote | null> {
  const step = stepOf(amountRao, LEAST_STEP_RAO);
  if (step <= 0n) return null;
  const simulate = (tao: bigint) => simulated(session, 'sim_swap_tao_for_alpha', [netuid, tao], at, signal);
  const [order, more] = await Promise.all([simulate(amountRao), simulate(amountRao + step)]);
  if (!order || !more || order.alphaAmount === 0n || more.alphaAmount <= order.alphaAmount + 1n) return null;
  const gained = more.alphaAmount - order.alphaAmount - 1n;
  return {
    alpha: alphaRao(order.alphaAmount),
    feeRao: rao(order.taoFee),
    priceAfterRao: rao(ceilDiv(step * RAO_PER_TAO, gained)),
  };
}

/** What so much alpha would bring, in the same way. */
export async function readSell(
  session: Session,
  netuid: number,
  amountAlpha: AlphaRao,
  at: Hex,
  signal: AbortSignal,
): Promise<SellQuote | null> {
  const step = stepOf(amountAlpha, LEAST_STEP_ALPHA);
  if (step <= 0n) return null;
  const simulate = (alpha: bigint) =>
    simulated(session, 'sim_swap_alpha_for_tao', [netuid, alpha], at, signal);
  const [order, more] = await Promise.all([simulate(amountAlpha), simulate(amountAlpha + step)]);
  if (!order || !more || order.taoAmount === 0n || more.taoAmount <= order.taoAmount) return null;
  const gained = more.taoAmount - order.taoAmount - 1n;
  return {
    taoRao: rao(order.taoAmount),
    feeAlpha: alphaRao(order.alphaFee),
    priceAfterRao: rao((gained * RAO_PER_TAO) / step),
  };
}

async function simulated(
  session: Session,
  method: string,
  args: readonly unknown[],
  at: Hex,
  signal: AbortSignal,
): Promise<v.InferOutput<typeof answerSchema> | null> {
  const found = await callRuntime(session, 'SwapRuntimeApi', method, args, at, signal);
  return found === undefined ? null : parse(answerSchema, found);
}

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
