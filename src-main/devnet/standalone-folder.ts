import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { replaceFile } from '../../src-node/durable.ts';
import { durableJson } from '../../src-node/durable-json.ts';
import { sha256Hex } from '../../src-node/sha256.ts';
import { DEVNET_SPECS, type DevnetSpec } from '../../src-shared/contract/devnet.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import type { ChainIdentity } from './genesis.ts';

/** Part of the genesis, so it is the same for everybody; the blocks behind it have the time of day. */
const GENESIS_TIME_MS = Date.UTC(2025, 0, 1);
const SEED_BYTES = 16;

/** What a folder means that says nothing of it. */
const FIRST_SPEC = 393;

const keptSchema = v.object({
  /** What keys and chain are made from, as it was given. */
  seed: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  controlToken: v.pipe(v.string(), v.minLength(16), v.maxLength(256)),
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535)),
  /** The release that the chain began with. */
  specVersion: v.optional(v.picklist(DEVNET_SPECS), FIRST_SPEC),
});
/** What a devnet's folder remembers from start to start. */
export type Kept = v.InferOutput<typeof keptSchema>;

export const DEFAULT_PORT = 9_944;
/** With the token in it that opens the devnet_* methods. */
export const keptPath = (folder: string): string => join(folder, 'devnet.json');
export const profilePath = (folder: string): string => join(folder, 'profile.json');
export const chainFolder = (folder: string): string => join(folder, 'chain');

export interface StandaloneFolder {
  readonly kept: Kept;
  keep(kept: Kept): Promise<void>;
}

/**
 * What the folder says of its chain, or what a new one shall be.
 * @throws {AppError} DEVNET_STATE_FOREIGN where another seed or release is asked for than the folder's chain has
 */
export async function openStandaloneFolder(
  folder: string,
  asked: {
    readonly seed: string | null;
    readonly port: number | null;
    readonly specVersion: DevnetSpec | null;
  },
  told: (error: CodedError) => void,
): Promise<StandaloneFolder> {
  const file = durableJson({ path: keptPath(folder), schema: keptSchema, told, secondCopy: 'kept' });
  const found = await file.read();
  const isOther = (key: 'seed' | 'specVersion') => asked[key] !== null && asked[key] !== found?.[key];
  if (found && (isOther('seed') || isOther('specVersion')))
    throw new AppError('DEVNET_STATE_FOREIGN', { path: folder });
  const kept = {
    seed: found?.seed ?? asked.seed ?? randomBytes(SEED_BYTES).toString('hex'),
    controlToken: found?.controlToken ?? randomBytes(24).toString('hex'),
    port: asked.port ?? found?.port ?? DEFAULT_PORT,
    specVersion: found?.specVersion ?? asked.specVersion ?? FIRST_SPEC,
  };
  await file.write(kept);
  return { kept, keep: (changed) => file.write(changed) };
}

export const identityOf = ({ seed, controlToken }: Kept): ChainIdentity => ({
  seed: sha256Hex(seed),
  genesisTimeMs: GENESIS_TIME_MS,
  controlToken,
});

/** Readable by others too: a profile holds no secret, and they are to join by it. */
export const writeProfile = (folder: string, profile: Profile): Promise<void> =>
  replaceFile(profilePath(folder), `${JSON.stringify(profile, null, 2)}\n`, 0o644);
