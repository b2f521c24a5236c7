/**
 * The pool of one subnet with both weights at one half, which is constant product: x alpha, y TAO, price y/x.
 * All amounts in rao (TAO) or alpha rao, prices in rao of TAO per 1 alpha. Integer arithmetic throughout; whatever
 * does not divide stays with the pool, so neither side can be drained by many small orders.
 */
export interface Reserves {
  readonly taoRao: bigint;
  readonly alphaRao: bigint;
}

export const PRICE_SCALE = 1_000_000_000n;
export const FEE_DENOMINATOR = 65_535n;
/** 33/65535 = 0.0504 %, the chain's default. */
export const FEE_RATE = 33n;
/** An order may be at most this many times the reserve it goes into. */
export const MAX_INPUT_RESERVES = 1_000n;

export interface Quote {
  /** What enters the formula: the input less the fee. */
  readonly paid: bigint;
  /** Taken from the input, kept by the pool as its own liquidity (as at 393), after the price has moved. */
  readonly fee: bigint;
  readonly received: bigint;
  readonly after: Reserves;
}

export const feeOf = (input: bigint): bigint => (input * FEE_RATE) / FEE_DENOMINATOR;

/** The input whose part after the fee is exactly `paid` or the least below it. */
const grossOf = (paid: bigint): bigint => (paid * FEE_DENOMINATOR) / (FEE_DENOMINATOR - FEE_RATE);

export const priceOf = ({ taoRao, alphaRao }: Reserves): bigint =>
  alphaRao === 0n ? 0n : (taoRao * PRICE_SCALE) / alphaRao;

/** TAO in, alpha out: dx = x dy / (y + dy). */
export function buy(pool: Reserves, inputRao: bigint): Quote {
  const fee = feeOf(inputRao);
  const paid = inputRao - fee;
  const received = pool.taoRao + paid === 0n ? 0n : (pool.alphaRao * paid) / (pool.taoRao + paid);
  return {
    paid,
    fee,
    received,
    after: { taoRao: pool.taoRao + inputRao, alphaRao: pool.alphaRao - received },
  };
}

/** Alpha in, TAO out: dy = y dx / (x + dx). */
export function sell(pool: Reserves, inputAlpha: bigint): Quote {
  const fee = feeOf(inputAlpha);
  const paid = inputAlpha - fee;
  const received = pool.alphaRao + paid === 0n ? 0n : (pool.taoRao * paid) / (pool.alphaRao + paid);
  return {
    paid,
    fee,
    received,
    after: { taoRao: pool.taoRao - received, alphaRao: pool.alphaRao + inputAlpha },
  };
}

/** The largest input, fee included, that leaves the price at or below the limit: y' = sqrt(p' k). */
export function buyUpTo(pool: Reserves, limitPrice: bigint): bigint {
  const target = squareRoot((limitPrice * pool.taoRao * pool.alphaRao) / PRICE_SCALE);
  return target > pool.taoRao ? grossOf(target - pool.taoRao) : 0n;
}

/** The largest input, fee included, that leaves the price at or above the limit: x' = sqrt(k / p'). */
export function sellDownTo(pool: Reserves, limitPrice: bigint): bigint {
  if (limitPrice === 0n) return pool.alphaRao * MAX_INPUT_RESERVES;
  const target = squareRoot((pool.taoRao * pool.alphaRao * PRICE_SCALE) / limitPrice);
  return target > pool.alphaRao ? grossOf(target - pool.alphaRao) : 0n;
}

/** Whole part of the square root, by Newton's method from above. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
