import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';

/**
 * Looks whether an AppImage can be replaced. electron-updater deletes it before the new one is moved there, and only when
 * the app has ended: whoever finds out then has neither.
 * @param appImage its path
 * @throws the system's own error where its folder may not be written to
 */
export const mayReplace = (appImage: string): Promise<void> => access(dirname(appImage), constants.W_OK);

/**
 * Looks whether the new one fits where the old one is. On one disk it is only renamed; the old one gives no room back as
 * long as it runs.
 * @throws {AppError} DISK_FULL
 */
export async function demandRoom(appImage: string, fetched: string): Promise<void> {
  const folder = dirname(appImage);
  const [there, here] = await Promise.all([stat(folder), stat(fetched)]);
  if (there.dev === here.dev) return;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < here.size) throw new AppError('DISK_FULL', { path: folder });
}
