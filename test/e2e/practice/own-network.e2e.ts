import { expect, it } from 'vitest';
import { agreedRounds, ownNetwork } from '../../../bench/practice/own-network.ts';

/** Two rounds of at least half a minute, nine processes to start before, and pay after. */
const LIMIT_MS = 600_000;

it('a chain, a validator and three miners of their own command lines average, agree and are paid, by the weights that a dry run shows', {
  timeout: LIMIT_MS,
}, async () => {
  // On a busy machine one of them may be too late for a round; what they commit is the same in any case.
  const outcome = await ownNetwork(2, 2);
  for (const [round, bases] of outcome.bases)
    expect({ round, different: new Set(bases).size }).toEqual({
      round,
      different: Math.min(1, bases.length),
    });
  expect(agreedRounds(outcome), JSON.stringify([...outcome.bases])).toBeGreaterThanOrEqual(2);
  for (const alpha of outcome.paidAlphaRao) expect(alpha).toBeGreaterThan(0n);
  // Whoever was paid had weights on the chain: a dry run sets those beside what it would set now.
  const { rows, held, lastUpdate, block } = outcome.planned;
  expect(held).toBeNull();
  const earning = rows.filter(({ share }) => share > 0);
  expect(earning).toHaveLength(outcome.paidAlphaRao.length);
  expect(earning.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(earning.every(({ before }) => before !== null && before > 0)).toBe(true);
  expect(lastUpdate).toBeGreaterThan(0);
  expect(block).toBeGreaterThanOrEqual(lastUpdate);
});
