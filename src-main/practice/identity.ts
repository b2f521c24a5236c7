import { join } from 'node:path';
import * as v from 'valibot';
import { readDurable, writeDurable } from '../../src-node/durable-json.ts';
import { newPracticeIdentity, type PracticeIdentity } from './genesis.ts';

const identitySchema = v.object({
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  genesisTimeMs: v.number(),
  controlToken: v.pipe(v.string(), v.minLength(16)),
  blockMs: v.nullable(v.number()),
});

const pathIn = (folder: string): string => join(folder, 'practice.json');

/** The identity of the practice chain in this folder: made at the first start, found at every other. */
export async function practiceIdentity(folder: string): Promise<PracticeIdentity> {
  const kept = await readDurable(pathIn(folder), v.nullable(identitySchema), null);
  if (kept) return kept;
  const made = newPracticeIdentity(Date.now());
  await writeDurable(pathIn(folder), made);
  return made;
}

/** Settles the block time the first time it is known. @returns the one that holds */
export async function settleBlockMs(
  folder: string,
  identity: PracticeIdentity,
  measuredMs: () => number,
): Promise<number> {
  if (identity.blockMs !== null) return identity.blockMs;
  const blockMs = measuredMs();
  await writeDurable(pathIn(folder), { ...identity, blockMs });
  return blockMs;
}
