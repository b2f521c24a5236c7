import { resolve } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { WRONG_FREE, WRONG_WAIT_FIRST_MS, WRONG_WAIT_MAX_MS } from './limits.ts';

/** Wrong passwords of one place, and the wait that they bring. */
export interface WrongPasswords {
  /** @throws {AppError} KEY_PASSWORD_WAIT after several wrong ones, until the wait is over */
  mayTry(): void;
  missed(): void;
  forget(): void;
}

/** Those of all key files, by path: whatever a password is typed for, the same file counts them. */
export interface WrongPasswordsByFile {
  at(path: string): WrongPasswords;
}

/** @param nowMs time that counts on while the computer sleeps */
export function wrongPasswordsByFile(nowMs: () => number = Date.now): WrongPasswordsByFile {
  const files = new Map<string, WrongPasswords>();
  return {
    at(path) {
      const key = resolve(path);
      const known = files.get(key) ?? wrongPasswords(nowMs);
      files.set(key, known);
      return known;
    },
  };
}

/** @param nowMs time that counts on while the computer sleeps */
export function wrongPasswords(nowMs: () => number): WrongPasswords {
  let wrong = 0;
  let notBeforeMs = 0;
  return {
    mayTry() {
      const waitMs = Math.min(notBeforeMs - nowMs(), WRONG_WAIT_MAX_MS);
      if (waitMs > 0) throw new AppError('KEY_PASSWORD_WAIT', { seconds: Math.ceil(waitMs / 1_000) });
    },
    missed() {
      wrong++;
      const doubled = WRONG_WAIT_FIRST_MS * 2 ** Math.min(wrong - WRONG_FREE, 16);
      if (wrong >= WRONG_FREE) notBeforeMs = nowMs() + Math.min(doubled, WRONG_WAIT_MAX_MS);
    },
    forget() {
      wrong = 0;
      notBeforeMs = 0;
    },
  };
}
