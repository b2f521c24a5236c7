import { ChunkSum } from './sum.ts';

/** With fewer there is nobody between the highest and the lowest. */
const LEAST_CONTRIBUTORS = 3;

/**
 * A sum in which, element by element, the highest value counts as the second highest and the lowest as the second lowest
 * (a winsorized mean): what one contributor says beyond all others moves nothing. Weights, divisor and exactness are those
 * of the plain sum, and the order in which values come does not matter: of equal ones at an end nothing is taken.
 */
export class WinsorizedSum extends ChunkSum {
  readonly #highest: Float64Array;
  readonly #second: Float64Array;
  readonly #lowest: Float64Array;
  readonly #secondLowest: Float64Array;
  /** Weights of who gave the highest and the lowest. */
  readonly #highestWeight: Uint8Array;
  readonly #lowestWeight: Uint8Array;
  #contributors = 0;

  constructor(elements: number) {
    super(elements);
    this.#highest = new Float64Array(elements);
    this.#second = new Float64Array(elements);
    this.#lowest = new Float64Array(elements);
    this.#secondLowest = new Float64Array(elements);
    this.#highestWeight = new Uint8Array(elements);
    this.#lowestWeight = new Uint8Array(elements);
    this.#forget();
  }

  override add(values: Float64Array, weight: number, clipExponent: number): void {
    super.add(values, weight, clipExponent);
    this.#contributors += 1;
    const [highest, second] = [this.#highest, this.#second];
    const [lowest, secondLowest] = [this.#lowest, this.#secondLowest];
    const scale = 2 ** -clipExponent;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]! * scale;
      if (value > highest[i]!) {
        second[i] = highest[i]!;
        highest[i] = value;
        this.#highestWeight[i] = weight;
      } else if (value > second[i]!) second[i] = value;
      if (value < lowest[i]!) {
        secondLowest[i] = lowest[i]!;
        lowest[i] = value;
        this.#lowestWeight[i] = weight;
      } else if (value < secondLowest[i]!) secondLowest[i] = value;
    }
  }

  override clear(): void {
    super.clear();
    this.#contributors = 0;
    this.#forget();
  }

  override result(encode: (sum: Float64Array, divisor: number) => Uint8Array): Uint8Array {
    if (this.#contributors < LEAST_CONTRIBUTORS) return super.result(encode);
    return super.result((sum, divisor) => encode(this.#drawnIn(sum), divisor));
  }

  #drawnIn(sum: Float64Array): Float64Array {
    return sum.map(
      (value, i) =>
        value -
        this.#highestWeight[i]! * (this.#highest[i]! - this.#second[i]!) +
        this.#lowestWeight[i]! * (this.#secondLowest[i]! - this.#lowest[i]!),
    );
  }

  #forget(): void {
    this.#highest.fill(Number.NEGATIVE_INFINITY);
    this.#second.fill(Number.NEGATIVE_INFINITY);
    this.#lowest.fill(Number.POSITIVE_INFINITY);
    this.#secondLowest.fill(Number.POSITIVE_INFINITY);
  }
}
