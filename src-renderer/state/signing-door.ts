import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { ThemeChoice } from '../../src-shared/theme.ts';

/** A window that was opened for signing. */
export interface OpenedWindow {
  location: { replace(url: string): void };
  focus(): void;
  close(): void;
}

/** Asks the host, with whatever goes wrong as a code. */
export type Ask = <T>(call: (api: HostApi) => Promise<T>) => Promise<{ value: T } | { error: CodedError }>;

/** How asking for a signature went. */
export type Asked =
  | { readonly kind: 'opened' }
  /** The browser opened no window: the address of it, to be opened by hand. */
  | { readonly kind: 'blocked'; readonly url: string }
  | { readonly kind: 'refused'; readonly error: CodedError };

/**
 * Opens the window where things are signed, for something that the host is asked first. A browser opens one only
 * while it handles a click, so the window is opened empty at once and led to its place when the host has answered.
 * @param open opens an empty window; null where it was blocked
 * @param shell in the app of its own the host opens the window
 */
export async function askInWindow(
  ask: Ask,
  open: () => OpenedWindow | null,
  shell: 'web' | 'electron',
  prepare: (api: HostApi) => Promise<unknown>,
  theme: ThemeChoice = 'system',
): Promise<Asked> {
  const opened = shell === 'web' ? open() : null;
  const answer = await ask(async (api) => {
    await prepare(api);
    return api.openSigning(theme);
  });
  if ('error' in answer) {
    opened?.close();
    return { kind: 'refused', error: answer.error };
  }
  const url = answer.value;
  if (url === null) {
    opened?.close();
    return { kind: 'opened' };
  }
  if (!opened) return { kind: 'blocked', url };
  opened.location.replace(url);
  opened.focus();
  return { kind: 'opened' };
}
