import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** Runs a read again only after so long; who asks meanwhile gets what is known, or waits for the same answer. */
export function keptFor<A extends readonly unknown[], T>(
  everyMs: number,
  nowMs: () => number,
  read: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let known: { readonly asked: Promise<T>; readonly atMs: number } | null = null;
  return (...args) => {
    if (known && nowMs() - known.atMs < everyMs) return known.asked;
    const asked = read(...args);
    const mine = { asked, atMs: nowMs() };
    known = mine;
    // What failed is asked again by the next who wants it.
    asked.catch(() => {
      if (known === mine) known = null;
    });
    return asked;
  };
}

/** Of a runtime that lacks it, or says it in another way than is known here. */
const NOT_SAID: ReadonlySet<CodedError['code']> = new Set([
  'CHAIN_CALL_UNAVAILABLE',
  'CHAIN_ANSWER_MALFORMED',
  'CHAIN_REFUSED',
]);

/** null where this chain does not say; a chain that does not answer at all still fails. */
export const ifSaid = <T>(read: Promise<T>): Promise<T | null> =>
  read.catch((error: unknown) => {
    if (error instanceof AppError && NOT_SAID.has(error.code)) return null;
    throw error;
  });
