import { vi } from 'vitest';

/** On a machine that does much else: a check that holds at all holds long before. */
const SOON_MS = 30_000;

/**
 * Resolves once the check does not throw any more; rejects with what it threw last. Under fake timers each try moves
 * their clock a little.
 */
export const soon = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: SOON_MS });
