import type { AdapterBackend, CardKind } from '../../cards/adapter.ts';
import type { CodedError } from '../../errors/app-error.ts';
import type { Benchmark } from '../benchmark.ts';
import type { AdapterFacts } from '../survey.ts';

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

/** A graphics card of this computer, by one driver interface. */
export interface FoundCard {
  /** Stands for it in settings and results. */
  readonly key: string;
  readonly name: string;
  /** Which of several of one name; absent for the first. */
  readonly index?: number;
  readonly backend: AdapterBackend;
  /** null: its name leaves it open. */
  readonly kind: CardKind | null;
  /** Of its own; null: not known, or it shares that of the computer. */
  readonly memoryBytes: number | null;
  /** null: its driver did not tell. */
  readonly facts: AdapterFacts | null;
  /** Why it is not used; null where it can be. */
  readonly problem: CodedError | null;
}

/** The graphics cards of this computer as far as they were looked for. */
export interface CardsView {
  readonly isLooking: boolean;
  readonly cards: readonly FoundCard[];
  /** Why none could be looked for. */
  readonly problem: CodedError | null;
}

/** What the cards of this computer would do with models, as far as it was measured. */
export interface BenchmarkView {
  /** null: none is under way. */
  readonly running: {
    readonly startedAtMs: number;
    /** The profile that is measured now, and how many were before it, of how many. */
    readonly profile: string;
    readonly done: number;
    readonly of: number;
    /** Runs that rest meanwhile. */
    readonly resting: number;
  } | null;
  /** The newest first, those of other devices among them. */
  readonly results: readonly Benchmark[];
  /** Why the newest try came to nothing; null when it did not. */
  readonly problem: CodedError | null;
}
