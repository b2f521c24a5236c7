import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { newPracticeIdentity, type PracticeIdentity } from './genesis.ts';

const identitySchema = v.object({
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  genesisTimeMs: v.number(),
  controlToken: v.pipe(v.string(), v.minLength(16)),
});

/** Where the identity is kept. Without it the chain in this folder is lost: it has a second copy. */
export const practiceIdentityFile = (
  folder: string,
  told: (error: CodedError) => void,
): DurableJson<PracticeIdentity> =>
  durableJson({ path: join(folder, 'practice.json'), schema: identitySchema, told, secondCopy: 'kept' });

/** The identity of the practice chain in this folder: made at the first start, found at every other. */
export async function practiceIdentity(file: DurableJson<PracticeIdentity>): Promise<PracticeIdentity> {
  const kept = await file.read();
  if (kept) return kept;
  const made = newPracticeIdentity(Date.now());
  await file.write(made);
  return made;
}
