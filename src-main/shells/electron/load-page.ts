import { app, BrowserWindow, session } from 'electron';
import { orAbort } from '../../../src-node/waits.ts';
import type { PageDoor } from '../page-rpc.ts';
import { APP_ORIGIN, serveAppScheme } from './app-scheme.ts';
import { lockContents, lockedWebPreferences, lockSession } from './lockdown.ts';
import { servePagePort } from './page-port.ts';

export interface LoadedPage {
  readonly door: PageDoor;
  readonly folder: string;
  readonly preload: string;
}

/**
 * Loads the page in a window that nobody sees, until it has found its host over its port.
 * @returns what its title says
 * @throws {AppError} CANCELLED when the signal aborts
 */
export async function loadPage({ door, folder, preload }: LoadedPage, signal: AbortSignal): Promise<string> {
  await orAbort(app.whenReady(), signal);
  lockSession(session.defaultSession);
  serveAppScheme(session.defaultSession, APP_ORIGIN, folder);
  const window = new BrowserWindow({ show: false, webPreferences: lockedWebPreferences(preload) ?? {} });
  lockContents(window.webContents, APP_ORIGIN);
  const connected = Promise.withResolvers<void>();
  const counted: PageDoor = {
    ...door,
    connect(ui) {
      connected.resolve();
      return door.connect(ui);
    },
  };
  const closePort = servePagePort(window.webContents, counted, APP_ORIGIN);
  try {
    await orAbort(window.loadURL(`${APP_ORIGIN}/index.html`), signal);
    await orAbort(connected.promise, signal);
    return `${window.webContents.getTitle()} is connected`;
  } finally {
    closePort();
    window.destroy();
  }
}
