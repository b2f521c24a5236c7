import { sha256Hex } from '../../src-node/sha256.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Release } from './feed.ts';
import { compareVersions } from './version-order.ts';

/** What a list is held against. */
export interface OfferGround {
  readonly current: string;
  /** Of this installation, at random and told to nobody. */
  readonly installationId: string;
  /** The largest number of a list that was seen. */
  readonly serial: number;
  readonly nowMs: number;
}

/**
 * Whether a signed release is one for this installation, now.
 * @returns null where it is not newer, or not for this one yet
 * @throws {AppError} UPDATE_FEED_OLDER, UPDATE_FEED_EXPIRED, UPDATE_BY_HAND
 */
export function offerOf(release: Release, ground: OfferGround): Release | null {
  const { current, serial, nowMs } = ground;
  if (release.serial < serial)
    throw new AppError('UPDATE_FEED_OLDER', { found: release.serial, known: serial });
  if (release.expiresAtMs <= nowMs)
    throw new AppError('UPDATE_FEED_EXPIRED', {
      until: new Date(release.expiresAtMs).toISOString().slice(0, 10),
    });
  if (compareVersions(release.version, current) <= 0) return null;
  if (bucketOf(ground.installationId, release.version) >= release.percent) return null;
  if (compareVersions(current, release.least) < 0)
    throw new AppError('UPDATE_BY_HAND', { version: release.version, least: release.least, current });
  return release;
}

/** Where this installation stands among all, 0 to 100, another place for each version: nobody is always the first. */
export function bucketOf(installationId: string, version: string): number {
  return (Number.parseInt(sha256Hex(`${installationId} ${version}`).slice(0, 8), 16) / 2 ** 32) * 100;
}
