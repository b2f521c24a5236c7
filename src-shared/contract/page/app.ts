import type { CodedError } from '../../errors/app-error.ts';
import type { ProgramName } from '../../program-name.ts';
import type { AlphaRao, Ss58 } from '../../units.ts';

export interface AppFacts {
  readonly version: string;
  readonly shell: 'web' | 'electron';
  readonly dataDir: string;
  /** How it is called at a terminal: what the page advises to type. */
  readonly program: ProgramName;
}

/** Something to tell a person; its sentence and action follow from the code. */
export interface Notice {
  readonly id: string;
  readonly level: 'info' | 'attention' | 'fault';
  readonly error: CodedError;
  readonly atMs: number;
  /** The run it is about, which may be stopped by now; null: this host. */
  readonly run: Ss58 | null;
}

/** This computer's clock is wrong: it is ahead of the chain's by so much, behind where negative. */
export interface WrongClock {
  readonly offByMs: number;
}

/** What was measured of this computer while it worked, in the mean; null for a part without a sensor that may be read. */
export interface PowerView {
  readonly gpuWatts: number | null;
  readonly cpuWatts: number | null;
  readonly measuredMs: number;
}

/** What happened since the page was last looked at, or since the start before this one. */
export interface WhileAway {
  readonly fromMs: number;
  readonly toMs: number;
  readonly committed: number;
  readonly void: number;
  /** null: the chain has not been read yet. */
  readonly payAlpha: AlphaRao | null;
  readonly faults: readonly CodedError[];
}
