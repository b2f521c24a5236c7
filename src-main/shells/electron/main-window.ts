import { app, BrowserWindow } from 'electron';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import type { PageDoor } from '../page-rpc.ts';
import { APP_ORIGIN } from './app-scheme.ts';
import type { CloseChoice } from './close-choice.ts';
import { quietWhileHidden } from './hidden-page.ts';
import { lockContents, lockedWebPreferences } from './lockdown.ts';
import { reloadOnce } from './page-gone.ts';
import { servePagePort } from './page-port.ts';
import { quitWithSession } from './quitting.ts';
import { windowBounds } from './window-bounds.ts';

export interface MainWindowOptions {
  readonly door: PageDoor;
  readonly preload: string;
  readonly dataDir: string;
  /** The app's picture, for systems that take it from the window. */
  readonly icon: string;
  /** Started with the computer: it stays in the tray until somebody asks for it. */
  readonly startsHidden: boolean;
  /** What its user wants when they close it. */
  chooseClose(window: BrowserWindow): Promise<CloseChoice>;
  notice(error: CodedError): void;
}

/** The window of the page, which is hidden and shown, and gone only with the app. */
export interface MainWindow {
  /** Brings it to the front. */
  show(): void;
  /** Whether somebody may be looking at it. */
  readonly isInFront: boolean;
  /** Once it is gone. */
  onGone(listener: () => void): void;
  stop(): void;
}

/** Opens it on the host's page. */
export async function openMainWindow(options: MainWindowOptions): Promise<MainWindow> {
  const { door, preload, startsHidden, notice } = options;
  const bounds = await windowBounds(options.dataDir, notice);
  const window = new BrowserWindow({
    ...bounds.last,
    minWidth: 720,
    minHeight: 560,
    show: false,
    // In the tray its page knows that it is hidden from the start: no clock ticks in it and nothing is drawn.
    paintWhenInitiallyHidden: !startsHidden,
    autoHideMenuBar: true,
    title: 'Butterfly',
    icon: options.icon,
    webPreferences: lockedWebPreferences(preload) ?? {},
  });
  lockContents(window.webContents, APP_ORIGIN);
  const closePort = servePagePort(window.webContents, quietWhileHidden(door, window), APP_ORIGIN);
  reloadOnce(window.webContents, notice);
  closeByChoice(window, options.chooseClose, () => bounds.keep(window));
  window.once('session-end', quitWithSession);
  window.once('ready-to-show', () => {
    if (bounds.wasMaximized && !startsHidden) window.maximize();
    if (!startsHidden) window.show();
  });
  await window.loadURL(`${APP_ORIGIN}/index.html`);

  return {
    show() {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
    get isInFront() {
      return !window.isDestroyed() && window.isVisible() && window.isFocused();
    },
    onGone: (listener) => void window.once('closed', listener),
    stop() {
      closePort();
      if (window.isDestroyed()) return;
      bounds.keep(window);
      window.destroy();
    },
  };
}

/** Closing hides the window, ends the app or does nothing, as is chosen; while the app ends it does nothing more. */
function closeByChoice(
  window: BrowserWindow,
  choose: MainWindowOptions['chooseClose'],
  keepBounds: () => void,
): void {
  let isEnding = false;
  let isAsking = false;
  app.once('before-quit', () => {
    isEnding = true;
  });

  async function ask(): Promise<void> {
    isAsking = true;
    const choice = await choose(window).finally(() => {
      isAsking = false;
    });
    if (choice === 'quit') app.quit();
    if (choice === 'tray' && !window.isDestroyed()) window.hide();
  }

  window.on('close', (event) => {
    keepBounds();
    // Until the host has stopped the window stays, so that it can be seen that something goes on.
    event.preventDefault();
    if (!isEnding && !isAsking) void ask();
  });
}
