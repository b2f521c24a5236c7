import { expect, it } from 'vitest';
import { driftOf } from '../../../bench/wallet/drift-run.ts';
import { runs } from '../../runs.ts';

const STEPS = runs(40, 400);

it('books exactly what a stake changed by, whatever its owner does and whenever the host is killed', async () => {
  const { driftRao, minerRestRao, epochs, moves, kills } = await driftOf(STEPS, 7);
  expect(driftRao).toBe(0n);
  // A miner without stake that earns has no dividends: its pay and its own operations are all there is.
  expect(minerRestRao).toBeLessThanOrEqual(10n);
  expect(epochs).toBeGreaterThan(5);
  expect(moves).toBeGreaterThan(5);
  expect(kills).toBeGreaterThan(1);
});
