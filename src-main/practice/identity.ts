import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { ChainIdentity } from '../devnet/genesis.ts';

const identitySchema = v.object({
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  genesisTimeMs: v.number(),
  controlToken: v.pipe(v.string(), v.minLength(16)),
});

export const newPracticeIdentity = (nowMs: number): ChainIdentity => ({
  seed: randomBytes(32).toString('hex'),
  genesisTimeMs: nowMs,
  controlToken: randomBytes(24).toString('hex'),
});

/** Where the identity is kept. Without it the chain in this folder is lost: it has a second copy. */
export const practiceIdentityFile = (
  folder: string,
  told: (error: CodedError) => void,
): DurableJson<ChainIdentity> =>
  durableJson({ path: join(folder, 'practice.json'), schema: identitySchema, told, secondCopy: 'kept' });

/** The identity of the practice chain in this folder: made at the first start, found at every other. */
export async function practiceIdentity(file: DurableJson<ChainIdentity>): Promise<ChainIdentity> {
  const kept = await file.read();
  if (kept) return kept;
  const made = newPracticeIdentity(Date.now());
  await file.write(made);
  return made;
}
