import { inspect } from 'node:util';
import { describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { printError } from './terminal.ts';

/** Everything about an error goes to the terminal where its user asks for it; others get a sentence and what to do. */
export const wantsLog = (): boolean => process.env.BUTTERFLY_LOG !== undefined;

/** Says what went wrong in one line. */
export function tell(thrown: unknown): void {
  if (wantsLog()) printError(inspect(thrown));
  const { sentence, action } = describeError(toCodedError(thrown));
  printError(`${sentence} ${action}`);
}
