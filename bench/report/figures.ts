import { cpus, totalmem } from 'node:os';

/** One measured number, beside what it is held against. `null` where there is nothing to name. */
export interface Figure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  /** The other side of a comparison, measured on the same machine in the same run. */
  readonly peer: number | null;
  readonly floor: number | null;
  readonly goal: number | null;
  readonly measured: boolean;
  /** Why it could not be measured here; null when it was. */
  readonly reason: string | null;
  /** What the run saw beside the number; null where that says it all. */
  readonly seen: string | null;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
}

/**
 * What every `bench/<name>.ts` exports as `bench`.
 * @param only names of the figures wanted; null for all
 * @throws {Error} for a name that is no figure of it
 */
export type Bench = (only: readonly string[] | null) => Promise<BenchReport>;

export interface BenchReport {
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  platform: `${process.platform}-${process.arch}`,
  node: process.version,
});

type Held = Partial<Pick<Figure, 'peer' | 'floor' | 'goal' | 'seen'>>;

export const figure = (name: string, value: number, unit: string, held: Held = {}): Figure => ({
  name,
  value,
  unit,
  peer: null,
  floor: null,
  goal: null,
  seen: null,
  ...held,
  measured: true,
  reason: null,
});

export const unmeasured = (name: string, unit: string, reason: string, held: Held = {}): Figure => ({
  ...figure(name, 0, unit, held),
  value: null,
  measured: false,
  reason,
});
