import { expect, it } from 'vitest';
import { agreedRounds, ownNetwork } from '../../../bench/practice/own-network.ts';

/** Two rounds of at least half a minute, nine processes to start before, and pay after. */
const LIMIT_MS = 600_000;

it('a chain, a validator and three miners of their own command lines average, agree and are paid', {
  timeout: LIMIT_MS,
}, async () => {
  const outcome = await ownNetwork(2);
  expect(outcome.bases.size).toBe(2);
  expect(agreedRounds(outcome)).toBe(2);
  for (const alpha of outcome.paidAlphaRao) expect(alpha).toBeGreaterThan(0n);
});
