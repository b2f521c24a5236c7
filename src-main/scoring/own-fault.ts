import { toCodedError } from '../../src-shared/errors/app-error.ts';

/** Whether a call failed because our own child was gone: that says nothing about the peer it was to ask. */
export function isOwnFault(error: unknown): boolean {
  const { code } = toCodedError(error);
  return code === 'CHILD_EXITED' || code === 'CHILD_GAVE_UP';
}
