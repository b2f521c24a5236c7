/**
 * How much TAO came to a subnet and stayed, in the long run: the average that new TAO is shared by. Rao with 64 bits
 * of fraction, integers throughout.
 */
const FRACTION_BITS = 64n;
const FACTOR_ONE = 2n ** 63n - 1n;

/**
 * The average after one more block.
 * @param flowRao what orders brought less what they took since the last one
 * @param factor `FlowEmaSmoothingFactor`: how much of it counts, of 2^63 - 1
 */
export function averageFlow(average: bigint, flowRao: bigint, factor: bigint): bigint {
  const weight = (factor << FRACTION_BITS) / FACTOR_ONE;
  const kept = (((1n << FRACTION_BITS) - weight) * average) >> FRACTION_BITS;
  return kept + weight * flowRao;
}

/**
 * Weights of subnets, in proportion to which new TAO is shared: each average less a limit, which is the lowest of them
 * where one is below zero, and never below the cutoff. All zero where nothing has come in: then none is minted.
 * The chain raises them to `FlowNormExponent`, which is 1 and which nobody here can set.
 * @param cutoff `TaoFlowCutoff`
 */
export function flowWeights(averages: readonly bigint[], cutoff: bigint): bigint[] {
  const lowest = averages.reduce((least, average) => (average < least ? average : least), 0n);
  const limit = cutoff > lowest ? cutoff : lowest;
  return averages.map((average) => (average > limit ? average - limit : 0n));
}
