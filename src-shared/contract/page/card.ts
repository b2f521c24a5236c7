/** What the page knows of graphics cards and of what computes. */

export type CardVendor = 'nvidia' | 'amd' | 'intel';

/** What the sensors of a graphics card say; null: its driver does not tell. */
export interface CardSensors {
  readonly vendor: CardVendor;
  /** As its maker calls it. */
  readonly name: string | null;
  readonly celsius: number | null;
  readonly watts: number | null;
  readonly memoryBytes: number | null;
  /** Of all programs together. */
  readonly usedBytes: number | null;
  /** Share of the last moments in which it worked for anybody, 0 to 1. */
  readonly busy: number | null;
  /** Of its fan's full speed, 0 to 1. */
  readonly fan: number | null;
}

/** What was measured of this computer at the last look, while it worked. */
export interface MachineNow {
  readonly cards: readonly CardSensors[];
  readonly cpuWatts: number | null;
  /** Watt hours for a million tokens over the last minutes, by what drew them; null: not measured, or not yet. */
  readonly gpuWhPerMtoken: number | null;
  readonly cpuWhPerMtoken: number | null;
}
