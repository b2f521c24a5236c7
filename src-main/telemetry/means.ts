import type { PowerView } from '../../src-shared/contract/page/app.ts';
import { ENERGY_LEAST_MS, ENERGY_WINDOW_MS, POWER_LEAST } from './limits.ts';
import { type MachineReading, wattsOfCards } from './reading.ts';

const parts = ['gpu', 'cpu'] as const;
export type PowerPart = (typeof parts)[number];

const wattsOf = ({ cards, cpuWatts }: MachineReading): Readonly<Record<PowerPart, number | null>> => ({
  gpu: wattsOfCards(cards),
  cpu: cpuWatts,
});

/** The mean of all that was measured: what a computer draws at one moment says little. */
export class MeanPower {
  readonly #sums = { gpu: { watts: 0, times: 0 }, cpu: { watts: 0, times: 0 } };
  #count = 0;
  #ms = 0;

  /**
   * @param sinceMs how long ago the reading before was
   * @returns the newest mean; null before there are some measurements
   */
  note(reading: MachineReading, sinceMs: number): PowerView | null {
    const watts = wattsOf(reading);
    this.#count++;
    this.#ms += sinceMs;
    for (const part of parts) {
      const value = watts[part];
      if (value === null) continue;
      this.#sums[part].watts += value;
      this.#sums[part].times++;
    }
    if (this.#count < POWER_LEAST) return null;
    return {
      gpuWatts: this.#mean('gpu'),
      cpuWatts: this.#mean('cpu'),
      measuredMs: this.#ms,
    };
  }

  #mean(part: PowerPart): number | null {
    const { watts, times } = this.#sums[part];
    return times > 0 ? watts / times : null;
  }
}

interface Stretch {
  readonly ms: number;
  readonly tokens: number;
  readonly watts: Readonly<Record<PowerPart, number | null>>;
}

/** Energy for a million tokens: watts that were measured over tokens that were trained meanwhile. */
export class EnergyMeter {
  #stretches: Stretch[] = [];

  /** Between two looks: for how long, what was drawn at its end, and the tokens trained in it. */
  note(reading: MachineReading, ms: number, tokens: number): void {
    this.#stretches.push({ ms, tokens, watts: wattsOf(reading) });
    let spanMs = this.#stretches.reduce((sum, one) => sum + one.ms, 0);
    while (spanMs > ENERGY_WINDOW_MS) spanMs -= this.#stretches.shift()!.ms;
  }

  /** Watt hours; null where the part was not measured for long enough, or nothing was trained. */
  whPerMtoken(part: PowerPart): number | null {
    const known = this.#stretches.filter(({ watts }) => watts[part] !== null);
    const spanMs = known.reduce((sum, { ms }) => sum + ms, 0);
    const tokens = known.reduce((sum, one) => sum + one.tokens, 0);
    if (tokens === 0 || spanMs < ENERGY_LEAST_MS) return null;
    const wattMs = known.reduce((sum, { ms, watts }) => sum + ms * (watts[part] ?? 0), 0);
    return wattMs / 3_600_000 / (tokens / 1e6);
  }
}
