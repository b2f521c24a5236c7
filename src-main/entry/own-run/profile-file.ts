import { createFile, replaceFile } from '../../../src-node/durable.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { profileOf } from '../../join/read-profile.ts';
import { profileFile } from '../join-order.ts';

const textOf = (profile: Profile): string => `${JSON.stringify(profile, null, 2)}\n`;

/** @throws {AppError} PROFILE_FILE_UNREADABLE, PROFILE_INVALID, or of the disk */
export const readProfileFile = async (path: string): Promise<Profile> => profileOf(await profileFile(path));

/** @throws {AppError} RUN_FILE_EXISTS: a draft takes no other's place; or of the disk */
export async function createProfileFile(path: string, profile: Profile): Promise<void> {
  if (!(await createFile(path, textOf(profile), 0o644))) throw new AppError('RUN_FILE_EXISTS', { path });
}

export const replaceProfileFile = (path: string, profile: Profile): Promise<void> =>
  replaceFile(path, textOf(profile), 0o644);
