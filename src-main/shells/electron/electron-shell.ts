import { app, BrowserWindow, dialog, session } from 'electron';
import { type CodedError, describeError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { SettingValues } from '../../../src-shared/settings.ts';
import type { PageDoor } from '../page-rpc.ts';
import { APP_ORIGIN, registerAppScheme, serveAppScheme } from './app-scheme.ts';
import { lockContents, lockedWebPreferences, lockSession } from './lockdown.ts';
import { ownWords } from './own-words.ts';
import { servePagePort } from './page-port.ts';
import { type SigningWindowOptions, signingWindow } from './signing-window.ts';
import { windowBounds } from './window-bounds.ts';

export interface ElectronShellOptions {
  readonly pageDir: string;
  readonly signing: Omit<SigningWindowOptions, 'preload'>;
  /** The built preload script: one CommonJS file, because a sandboxed preload can be nothing else. */
  readonly preload: string;
  readonly dataDir: string;
  /** What the window goes on without. */
  notice(error: CodedError): void;
}

/**
 * What has to happen before the app is ready: sandbox, scheme, and no hardware acceleration unless asked for, because
 * a window drawn by the graphics card takes hundreds of MB of the memory that training needs.
 */
export function prepareElectron(settings: Pick<SettingValues, 'window.acceleration'>): void {
  app.enableSandbox();
  registerAppScheme();
  if (!settings['window.acceleration']) app.disableHardwareAcceleration();
}

/** What of the command line is meant for the app. */
export const appWords = (): string[] => ownWords(process.argv, { isPackaged: app.isPackaged });

export interface ElectronShell {
  /** Opens the signing window, or brings it to the front. */
  openSigning(): Promise<null>;
  stop(): void;
}

/** Opens the window on a running host. */
export async function startElectronShell(
  door: PageDoor,
  options: ElectronShellOptions,
): Promise<ElectronShell> {
  await app.whenReady();
  lockSession(session.defaultSession);
  serveAppScheme(session.defaultSession, APP_ORIGIN, options.pageDir);
  const signing = signingWindow({ ...options.signing, preload: options.preload });
  const bounds = await windowBounds(options.dataDir, options.notice);
  const window = new BrowserWindow({
    ...bounds.last,
    minWidth: 720,
    minHeight: 560,
    show: false,
    autoHideMenuBar: true,
    title: 'Butterfly',
    webPreferences: lockedWebPreferences(options.preload) ?? {},
  });
  bounds.keep(window);
  lockContents(window.webContents, APP_ORIGIN);
  const closePort = servePagePort(window.webContents, door, APP_ORIGIN);
  window.once('ready-to-show', () => window.show());
  // What it signs for is gone; alone it would keep the app running.
  window.once('closed', () => signing.stop());
  await window.loadURL(`${APP_ORIGIN}/index.html`);
  return {
    openSigning: () => signing.open(),
    stop() {
      signing.stop();
      closePort();
      if (!window.isDestroyed()) window.destroy();
    },
  };
}

/** Ends the app, in order. */
export const endApp = (): void => app.quit();

/** What is done once everything has stopped. */
let last = (): void => app.quit();

/** Ends the app in order, and does this as the last thing of all. */
export function endAppWith(act: () => void): void {
  last = act;
  app.quit();
}

/** Says why there is no window, and ends. */
export function showStartFailure(thrown: unknown): void {
  const { sentence, action } = describeError(toCodedError(thrown));
  dialog.showErrorBox(sentence, action);
  app.quit();
}

/** Quitting waits for the host: its children write their state before the app is gone. */
export function quitAfter(stop: () => Promise<void>): void {
  let stopped = false;
  app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    stopped = true;
    stop().finally(() => last());
  });
  app.on('window-all-closed', () => app.quit());
}
