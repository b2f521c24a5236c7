import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';

/** What the program ends with, for scripts and services. docs/RUNNING-HEADLESS.md lists the same, and is compared. */
export const exitCodes = {
  /** Done; for a host: ended in order, as it was asked to. */
  done: 0,
  /** It failed, and the last line says why and what to do. */
  failed: 1,
  /** The words mean nothing, or not together. Nothing was begun. */
  misunderstood: 2,
  /** Nothing runs on the data folder that could be asked: what service scripts have always meant by 3. */
  notRunning: 3,
  /** Left at a second Ctrl+C, without waiting. */
  leftAtOnce: 130,
} as const;

/** The end of a program that failed with this. */
export function exitCodeOf(thrown: unknown): number {
  const { code }: CodedError = toCodedError(thrown);
  return code === 'HOST_NOT_RUNNING' ? exitCodes.notRunning : exitCodes.failed;
}
