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
  /** Taken from the input and left in the pool, whose own liquidity it becomes (as at 393). */
  readonly fee: bigint;
  readonly received: bigint;
  readonly after: Reserves;
}

export const feeOf = (input: bigint): bigint => (input * FEE_RATE) / FEE_DENOMINATOR;

export const priceOf = ({ taoRao, alphaRao }: Reserves): bigint =>
  alphaRao === 0n ? 0n : (taoRao * PRICE_SCALE) / alphaRao;

/** TAO in, alpha out: dx = x dy / (y + dy). The chain's own orders pay no fee. */
export function buy(pool: Reserves, inputRao: bigint, fee: bigint = feeOf(inputRao)): Quote {
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
export function sell(pool: Reserves, inputAlpha: bigint, fee: bigint = feeOf(inputAlpha)): Quote {
  const paid = inputAlpha - fee;
  const received = pool.alphaRao + paid === 0n ? 0n : (pool.taoRao * paid) / (pool.alphaRao + paid);
  return {
    paid,
    fee,
    received,
    after: { taoRao: pool.taoRao - received, alphaRao: pool.alphaRao + inputAlpha },
  };
}

/**
 * The largest order whose limit price holds: the price that the pool shows once the order is through is at most the
 * limit. That is the price after all of it, for the last and dearest part, and with the fee back in the reserves; on
 * the real chain, where fees lie beside the price, it is the same price. Exact: one rao more would pass the limit.
 * @returns the input, fee included; 0 where the price stands there already
 */
export const buyUpTo = (pool: Reserves, limitPrice: bigint): bigint =>
  largest(pool.taoRao * MAX_INPUT_RESERVES, (input) => {
    const { after } = buy(pool, input);
    return after.taoRao * PRICE_SCALE <= limitPrice * after.alphaRao;
  });

/** The same downwards: the price afterwards is at least the limit. */
export const sellDownTo = (pool: Reserves, limitPrice: bigint): bigint =>
  largest(pool.alphaRao * MAX_INPUT_RESERVES, (input) => {
    const { after } = sell(pool, input);
    return after.taoRao * PRICE_SCALE >= limitPrice * after.alphaRao;
  });

/** The largest number up to `most` that fits, where all below one that fits do; 0 where none does. */
function largest(most: bigint, fits: (input: bigint) => boolean): bigint {
  let [low, high] = [0n, most];
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (fits(middle)) low = middle;
    else high = middle - 1n;
  }
  return low;
}
