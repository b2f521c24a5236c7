import { randomBytes } from 'node:crypto';
import type { ChainIdentity } from '../devnet/genesis.ts';

/** The identity of one practice chain; written once, so that a restart finds the same chain. */
export interface PracticeIdentity extends ChainIdentity {
  /** As measured when the chain was made: what it begins with. The chain itself keeps the pace that holds now. */
  readonly blockMs: number | null;
}

export const newPracticeIdentity = (nowMs: number): PracticeIdentity => ({
  seed: randomBytes(32).toString('hex'),
  genesisTimeMs: nowMs,
  controlToken: randomBytes(24).toString('hex'),
  blockMs: null,
});

/** Blocks of the fastest practice chain; the design's figure where the machine allows. */
const FASTEST_BLOCK_MS = 1_000;
const SLOWEST_BLOCK_MS = 10_000;
/** A round must hold at least this many inner steps before its ready block. */
const STEPS_PER_ROUND_MIN = 8;

/**
 * Block time from the start-up benchmark: the trainers share the machine's cores, so a step takes about
 * `stepMs * trainers / cores` of wall time.
 */
export function practiceBlockMs(
  stepMs: number | null,
  trainers: number,
  cores: number,
  readyBlocks: number,
): number {
  if (stepMs === null) return FASTEST_BLOCK_MS;
  const wallStepMs = stepMs * Math.max(1, trainers / cores);
  const neededMs = Math.ceil((wallStepMs * STEPS_PER_ROUND_MIN) / readyBlocks / 100) * 100;
  return Math.min(SLOWEST_BLOCK_MS, Math.max(FASTEST_BLOCK_MS, neededMs));
}
