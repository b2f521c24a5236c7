import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { LEFT_ALONE_LONGEST_MS, TELL_AGAIN_LONGEST_MS, TELL_AGAIN_MS, TELL_HELD_AGAIN_MS } from './limits.ts';

/** What no waiting mends: their own client gives these up, too. */
const HELD: ReadonlySet<ErrorCode> = new Set([
  ...(['WANDB_NO_KEY', 'WANDB_KEY_REFUSED', 'WANDB_FORBIDDEN', 'WANDB_REFUSED', 'WANDB_ANSWER_ODD'] as const),
  ...(['TOKEN_LOCKED', 'TOKEN_UNKNOWN'] as const),
]);

/** Whether a person has to do something. */
export const needsPerson = ({ code }: Pick<CodedError, 'code'>): boolean => HELD.has(code);

/** How long nothing is tried after so many failures in a row (1 or more), ms. */
export function afterFailure(problem: CodedError, failures: number): number {
  if (needsPerson(problem)) return TELL_HELD_AGAIN_MS;
  const { retryAfterS } = problem.params;
  if (typeof retryAfterS === 'number') return Math.min(retryAfterS * 1_000, LEFT_ALONE_LONGEST_MS);
  return Math.min(TELL_AGAIN_LONGEST_MS, TELL_AGAIN_MS * 2 ** Math.min(failures - 1, 10));
}
