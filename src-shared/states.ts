import type { CodedError } from './errors/app-error.ts';
import type { PauseReason } from './rules/reasons.ts';

/** What waits before work can begin, in the order a start goes through it. */
export type WaitReason = 'chain' | 'registration' | 'start-block' | 'peers' | 'state';

/**
 * The one vocabulary for strip, tray, dashboard and log. `blocked` and `failed` always carry an error whose
 * catalogue entry names the action that ends them.
 */
export type WorkerState =
  | { readonly kind: 'idle' }
  /** The setup steps say with what. */
  | { readonly kind: 'preparing' }
  /** With an error where it tells more than what is waited for. */
  | { readonly kind: 'waiting'; readonly for: WaitReason; readonly error?: CodedError }
  | { readonly kind: 'training' }
  | { readonly kind: 'averaging' }
  | {
      readonly kind: 'paused';
      readonly reason: PauseReason;
      /** What fills the sentence of a rule (src-shared/rules/words.ts). */
      readonly params?: Readonly<Record<string, string | number>>;
      /** A wall-clock time at which it goes on by itself; null: a person, or the end of its cause, ends it. */
      readonly untilMs: number | null;
    }
  | { readonly kind: 'degraded'; readonly error: CodedError }
  | { readonly kind: 'blocked'; readonly error: CodedError }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'failed'; readonly error: CodedError };
