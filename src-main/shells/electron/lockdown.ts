import { type BrowserWindowConstructorOptions, type Session, shell, type WebContents } from 'electron';
import type { AppOrigin } from './app-scheme.ts';

/** The page gets no Node, no power of the browser, and nowhere to go. */
export const lockedWebPreferences = (preload: string): BrowserWindowConstructorOptions['webPreferences'] => ({
  preload,
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  webSecurity: true,
  webviewTag: false,
  spellcheck: false,
  devTools: false,
});

/** Places that a link of ours may open in the user's browser. */
const OUTSIDE = new Set([
  'https://github.com',
  'https://huggingface.co',
  'https://docs.learnbittensor.org',
  'https://taostats.io',
  'https://wandb.ai',
]);

export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

export function lockContents(contents: WebContents, origin: AppOrigin): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnUrl(event.url, origin)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnUrl(event.url, origin)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    if (mayOpenOutside(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
}

export const isOwnUrl = (url: string, origin: AppOrigin): boolean => url.startsWith(`${origin}/`);

export function mayOpenOutside(url: string): boolean {
  try {
    const { origin, username, password } = new URL(url);
    return OUTSIDE.has(origin) && username === '' && password === '';
  } catch {
    return false;
  }
}
