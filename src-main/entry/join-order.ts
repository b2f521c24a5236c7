import { open } from 'node:fs/promises';
import { readError } from '../../src-node/disk-error.ts';
import type { ProfileSource } from '../../src-shared/contract/page/join.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { JoinOptions } from '../commands/join.ts';
import type { JoinOrder } from '../join-desk.ts';

/** A profile is a page of text; the largest shipped one has 3 kB. */
const PROFILE_BYTES_MAX = 65_536;

/** What the command line asks to join. @throws {AppError} PROFILE_INVALID, or of the disk */
export async function joinOrder(said: JoinOptions): Promise<JoinOrder> {
  const { network, profile, role, keys, bootstrap, listen, registerLimit, stake } = said;
  if (!network || !profile || !keys) throw new TypeError('the rules of the command demand these');
  return {
    networkName: network.name,
    endpoint: network.endpoint,
    profile: await sourceOf(profile),
    role: role ?? 'miner',
    keysFolder: keys,
    bootstrap,
    listen: listen ?? { host: '127.0.0.1', port: 0 },
    registrationLimitRao: registerLimit,
    stakeRao: stake,
  };
}

async function sourceOf(profile: NonNullable<JoinOptions['profile']>): Promise<ProfileSource> {
  if (profile.kind === 'name') return { kind: 'shipped', name: profile.name };
  return { kind: 'file', text: await readBounded(profile.path) };
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  try {
    const { size } = await file.stat();
    if (size > PROFILE_BYTES_MAX) throw new AppError('PROFILE_INVALID', { reason: `${path} is too long` });
    return await file.readFile('utf8');
  } catch (thrown) {
    throw readError(thrown, path);
  } finally {
    await file.close();
  }
}
