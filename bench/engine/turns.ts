import { median } from '../../src-shared/reduce/norms.ts';

/** What moves so many bytes, from handing over to the end. */
export type Mover = { readonly bytes: number; readonly move: () => Promise<unknown> };

/** Turns in which shaders are compiled and speeds are learnt. */
const WARMING = 3;

/**
 * Bytes per ms of each mover in each turn. Every other turn goes backwards: what else the machine has to do, and a clock
 * that drifts, then favour nobody.
 */
export async function inTurns(movers: readonly Mover[], turns: number): Promise<readonly number[][]> {
  const rates = movers.map((): number[] => []);
  const order = [...movers.entries()];
  for (let turn = -WARMING; turn < turns; turn += 1)
    for (const [i, { bytes, move }] of turn % 2 === 0 ? order : order.toReversed()) {
      const startedMs = performance.now();
      await move();
      if (turn >= 0) rates[i]!.push(bytes / (performance.now() - startedMs));
    }
  return rates;
}

/** Which of several that do the same is taken for what the machine can do: the one that mostly is the fastest. */
export const fastest = (rates: readonly (readonly number[])[]): readonly number[] =>
  rates.reduce((best, own) => (median(own) > median(best) ? own : best));

/** The median of one over the other within the same turn, so that a turn beside other work counts like any. */
export const ratioInTurns = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((rate, turn) => rate / theirs[turn]!));
