import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';

/**
 * Causes that stay until a person does what their own next step says, and the tries after which they are told as
 * themselves: more would only hide them.
 */
const triesOf: Partial<Record<ErrorCode, number>> = {
  CORPUS_CORRUPT: 1,
  DEVNET_ADDRESS_INVALID: 1,
  DEVNET_STATE_FOREIGN: 1,
  ENGINE_UNAVAILABLE: 1,
  PROGRAM_FILE_MISSING: 1,
  RUNTIME_MISSING: 1,
  STATE_FOREIGN: 1,
  // A child of a host that was killed a moment ago may still hold it, for as long as its own cleanup takes.
  PORT_IN_USE: 4,
};

/** Whether a child that failed so often in a row, at last with this, fails with it again. */
export const isHopeless = (code: ErrorCode, failures: number): boolean =>
  failures >= (triesOf[code] ?? Number.POSITIVE_INFINITY);
