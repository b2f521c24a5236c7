import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { SaidToRunning } from './opened-files.ts';

/**
 * Whether this is the one app of its data folder; where it is not, the other is told that it was started again.
 * Electron asks by its own folder, so another data folder has another one of those too.
 * @param dataDir its absolute path
 * @param isUsual the folder that is taken when nobody names one
 * @param said told to the other
 */
export function isOnlyInstance(
  dataDir: string,
  isUsual: boolean,
  said: SaidToRunning | Record<string, never> = {},
): boolean {
  if (!isUsual) {
    const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
    const own = join(app.getPath('userData'), 'folders', name);
    mkdirSync(own, { recursive: true });
    app.setPath('userData', own);
  }
  return app.requestSingleInstanceLock(said);
}

/** The same data folder was started once more, or its picture in the Dock was pressed: whoever did it wants to see it. */
export function onStartedAgain(show: () => void): void {
  app.on('second-instance', show);
  app.on('activate', show);
}
