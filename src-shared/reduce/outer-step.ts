/**
 * The Nesterov outer step on some elements, in place: with g the mean pseudo-gradient (base - local),
 * m' = mu * m + g and base' = base - lr * (mu * m' + g). PyTorch's SGD with nesterov and a zero buffer gives the
 * same (sn38.md 7.2, fixture 6). All in float64; base and momentum are each rounded once, to float32. Products and
 * sums are separate operations, as JavaScript has no fused one, so every machine gets the same bits.
 * @param average decoded result; null where there is none: those elements average 0
 */
export function outerStep(
  base: Float32Array,
  momentum: Float32Array,
  average: Float64Array | null,
  stage: { readonly lr: number; readonly momentum: number },
): void {
  if (base.length !== momentum.length || (average && average.length !== base.length))
    throw new RangeError('base, momentum and average differ in length');
  const { lr, momentum: mu } = stage;
  for (let i = 0; i < base.length; i++) {
    const g = average ? average[i]! : 0;
    const m = mu * momentum[i]! + g;
    momentum[i] = m;
    base[i] = base[i]! - lr * (mu * m + g);
  }
}
