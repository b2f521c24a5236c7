import { app, BrowserWindow, powerMonitor } from 'electron';
import { SESSION_END_MS } from './limits.ts';
import { relaunchAtEnd } from './relaunch.ts';

/** Ends the app, in order. */
export const endApp = (): void => app.quit();

/** What is done once everything has stopped. */
let last = (): void => app.quit();

/** Ends the app in order, and does this as the last thing of all. */
export function endAppWith(act: () => void): void {
  last = act;
  app.quit();
}

/** Ends the app in order, and has it start again as it was started. */
export const restartApp = (): void =>
  endAppWith(() => {
    relaunchAtEnd();
    app.quit();
  });

/** Quitting waits for the host: its children write their state before the app is gone. */
export function quitAfter(stop: () => Promise<void>): void {
  let stopped = false;
  app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    stopped = true;
    stop().finally(() => {
      // A window that was still opening asks nobody any more whether it may close.
      for (const window of BrowserWindow.getAllWindows()) window.destroy();
      last();
    });
  });
  app.on('window-all-closed', () => app.quit());
}

/** The system shuts down: the state is saved first, within what the system allows. Needs an app that is ready. */
export function quitOnShutdown(): void {
  powerMonitor.on('shutdown', () => app.quit());
}

/**
 * Windows' word that the session ends comes to the window. What has not stopped within its patience is left: every file
 * survives that, as it does a power cut.
 */
export function quitWithSession(): void {
  app.quit();
  setTimeout(() => app.exit(0), SESSION_END_MS);
}

/** Ends the app at once, with everything in it stopped already. */
export const leaveWith = (exitCode: number): void => app.exit(exitCode);
