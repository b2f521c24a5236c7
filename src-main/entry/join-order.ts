import { open } from 'node:fs/promises';
import { readError } from '../../src-node/disk-error.ts';
import type { ProfileSource } from '../../src-shared/contract/page/join.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { PROFILE_BYTES_MAX } from '../../src-shared/profile/limits.ts';
import type { JoinOptions, ProfileArgument } from '../commands/join.ts';
import type { JoinOrder } from '../join-desk.ts';
import type { AgreedRun } from './join-announced.ts';

/** What the command line asks to join, of this profile. */
export function joinOrder(said: JoinOptions, { profile, isAgreed }: AgreedRun): JoinOrder {
  const { network, role, keys, bootstrap, listen, registerLimit, stake, headless } = said;
  if (!network || !keys) throw new TypeError('the rules of the command demand these');
  return {
    networkName: network.name,
    endpoint: network.endpoint,
    profile,
    isAgreed,
    role: role ?? 'miner',
    keysFolder: keys,
    bootstrap,
    listen,
    // Where there is a page, what costs is shown on it and agreed to there.
    mayPay: headless,
    registrationLimitRao: registerLimit,
    stakeRao: stake,
  };
}

/**
 * The profile that somebody who named it has agreed to.
 * @throws {AppError} PROFILE_FILE_UNREADABLE, PROFILE_INVALID, or of the disk
 */
export const namedRun = async (profile: ProfileArgument): Promise<AgreedRun> => ({
  profile: await sourceOf(profile),
  isAgreed: true,
});

async function sourceOf(profile: ProfileArgument): Promise<ProfileSource> {
  if (profile.kind === 'name') return { kind: 'shipped', name: profile.name };
  return profileFile(profile.path);
}

/** @throws {AppError} PROFILE_FILE_UNREADABLE, PROFILE_INVALID, or of the disk */
export const profileFile = async (path: string): Promise<ProfileSource> => ({
  kind: 'file',
  text: await readBounded(path),
});

/** No more is read than a profile may have: a device or a pipe tells no size. */
async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw new AppError('PROFILE_FILE_UNREADABLE', { path }, thrown);
  });
  const bytes = Buffer.alloc(PROFILE_BYTES_MAX + 1);
  let length = 0;
  try {
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = (await file.read(bytes, length, bytes.length - length)).bytesRead;
  } catch (thrown) {
    throw readError(thrown, path);
  } finally {
    await file.close();
  }
  if (length > PROFILE_BYTES_MAX) throw new AppError('PROFILE_INVALID', { reason: `${path} is too long` });
  return bytes.toString('utf8', 0, length);
}
