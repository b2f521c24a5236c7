import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';
import type { Labour } from '../loop/labour.ts';
import { claimWhole } from './claims.ts';
import { gaussian, offerNoise } from './offer-instead.ts';

/**
 * A worker that wants the pay without the work: it offers noise of the group's median norm and claims every step,
 * with the right pages and made-up sketches. Everything around it is honest, so only the gradient check finds it.
 */
export const freeRiderLabour: Labour = {
  run: async () => {},
  async close(trainer, round, medianNorm) {
    await offerNoise(trainer, medianNorm);
    const { slices } = trainer.replica;
    const sketchLength = trainer.engine.layout.length + SKETCH_PROJECTIONS;
    const sketches: number[][] = [];
    for (let i = 0; i < trainer.consensus.inner.microBatchesPerStep; i += 1)
      sketches.push(Array.from(await gaussian(slices, sketchLength), Math.abs));
    return claimWhole(trainer, round, sketches);
  },
};
