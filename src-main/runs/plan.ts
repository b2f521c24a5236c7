import type { RunFacts, SetupStep } from '../../src-shared/contract/page/runs.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Run } from './run.ts';
import type { RunProcess } from './work.ts';

/** How a run is begun, whatever stands around it: a practice brings its chain and companions, a joined run nothing. */
export interface RunPlan {
  /** The hotkey. */
  readonly id: Ss58;
  readonly facts: RunFacts;
  /** The folder of the wallet that it works with. */
  readonly keysDir: string;
  /** Whether it is begun again by itself while the chain is silent: somebody else's chain may be, one's own must not. */
  readonly waitsForChain: boolean;
  /** May be called again after it failed. */
  begin(told: PlanEvents, signal: AbortSignal): Promise<RunBody>;
}

export interface PlanEvents {
  setup(steps: readonly SetupStep[]): void;
  /** Whether it may train already: a pause that was kept holds from the first step on. */
  mayTrain(): boolean;
  /** A process failed too often and stays away until the next start. */
  gaveUp(error: AppError): void;
}

/** A run that works, and all that rests and ends with it. */
export interface RunBody {
  readonly run: Run;
  /** Rest begins after the step in progress. */
  setActive(active: boolean): Promise<void>;
  /** A newer start of the hotkey speaks elsewhere, or is gone. @throws what keeps it from speaking again */
  setBlocked(isBlocked: boolean): Promise<void>;
  /** Its subnet is another project, or the expected one again: nothing is said or set on a foreign one. */
  setForeign(isForeign: boolean): void;
  /** Every process under the host because of this run. */
  processes(): readonly RunProcess[];
  stop(): Promise<void>;
}
