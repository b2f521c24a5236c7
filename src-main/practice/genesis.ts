import { randomBytes } from 'node:crypto';
import type { ChainIdentity } from '../devnet/genesis.ts';

/** The identity of one practice chain; written once, so that a restart finds the same chain. */
export type PracticeIdentity = ChainIdentity;

export const newPracticeIdentity = (nowMs: number): PracticeIdentity => ({
  seed: randomBytes(32).toString('hex'),
  genesisTimeMs: nowMs,
  controlToken: randomBytes(24).toString('hex'),
});
