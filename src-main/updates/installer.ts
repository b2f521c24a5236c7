import type { UpdateWay } from '../../src-shared/contract/page/updates.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ReleaseTarget } from './feed.ts';

/** Puts another version in the place of this one. What there is of it depends on how this one was installed. */
export interface Installer {
  readonly way: UpdateWay;
  /** Which file of a release is for it; null where it fetches none. */
  readonly target: ReleaseTarget | null;
  /**
   * Takes a verified file over from an address of this computer (`serveRelease`).
   * @returns what ends the app in order, and installs then
   */
  take(address: string, version: string, signal: AbortSignal): Promise<() => void>;
}

/** Started from its sources: another version is other sources. */
export const fromSource: Installer = {
  way: 'source',
  target: null,
  take: () => Promise.reject(new AppError('UPDATE_NOTHING')),
};
