import { themeChoices as order, type ThemeChoice } from '../../src-shared/theme.ts';

const STORAGE_KEY = 'butterfly.theme';

/** It outlives the page. */
let choice = $state<ThemeChoice>('system');

export const themeChoice = (): ThemeChoice => choice;

export function applyStoredTheme(): void {
  const stored = order.find((name) => name === localStorage.getItem(STORAGE_KEY));
  setTheme(stored ?? 'system');
}

export function setTheme(next: ThemeChoice): void {
  choice = next;
  if (next === 'system') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(STORAGE_KEY);
  } else {
    document.documentElement.dataset.theme = next;
    localStorage.setItem(STORAGE_KEY, next);
  }
}

export function nextTheme(): void {
  setTheme(order[(order.indexOf(choice) + 1) % order.length] ?? 'system');
}

/** Calls back whenever colours may have changed, for whatever is drawn on a canvas. */
export function onPaletteChange(changed: () => void, signal: AbortSignal): void {
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
    matchMedia(query).addEventListener('change', changed, { signal });
  const watcher = new MutationObserver(changed);
  watcher.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  signal.addEventListener('abort', () => watcher.disconnect());
}
