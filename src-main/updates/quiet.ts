import { AppError } from '../../src-shared/errors/app-error.ts';

/** What an ending app must not cut in two. */
export interface Quiet {
  /** Runs that work now. */
  runs(): readonly QuietRun[];
  /** Whether somebody looks an order over or makes a wallet, or it is being signed. */
  isSigning(): boolean;
  /** @returns a function that unsubscribes */
  onSigning(changed: () => void): () => void;
}

export interface QuietRun {
  /** Its contribution of the round is said, and the round has not settled. */
  isAveraging(): boolean;
  /** Resolves once the round under way has settled, or at once where there is none, or when the signal aborts. */
  roundSettled(signal: AbortSignal): Promise<void>;
}

/** Nothing is averaged and nothing is being signed, at this moment. */
export const isQuiet = (quiet: Quiet): boolean =>
  !quiet.isSigning() && !quiet.runs().some((run) => run.isAveraging());

/**
 * Waits for the end of the rounds under way, and of what is being signed. Steps of a round that has just begun may be
 * cut: they cost a minute, where an average that is cut costs the round.
 * @param waits for what it waits, whenever that changes
 * @throws {AppError} CANCELLED
 */
export async function whenQuiet(
  quiet: Quiet,
  waits: (waitsFor: 'round' | 'signing') => void,
  signal: AbortSignal,
): Promise<void> {
  do {
    if (quiet.isSigning()) {
      waits('signing');
      await signed(quiet, signal);
    }
    if (quiet.runs().length > 0) {
      waits('round');
      await Promise.all(quiet.runs().map((run) => run.roundSettled(signal)));
    }
    if (signal.aborted) throw new AppError('CANCELLED', {}, signal.reason);
  } while (!isQuiet(quiet));
}

function signed(quiet: Quiet, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (quiet.isSigning() && !signal.aborted) return;
      off();
      signal.removeEventListener('abort', look);
      resolve();
    };
    const off = quiet.onSigning(look);
    signal.addEventListener('abort', look);
    look();
  });
}
