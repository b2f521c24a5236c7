import type { Assignment } from '../loop/assignment.ts';
import { honestLabour, type Labour } from '../loop/labour.ts';
import { train } from '../loop/loop.ts';
import type { Trainer } from '../loop/trainer.ts';
import { asIf } from './as-if.ts';
import { claimWhole } from './claims.ts';

/** Takes all steps, all of them on the first page of its assignment, and claims as many pages as these would fill. */
export const duplicatePagesLabour: Labour = {
  run: (trainer, stop) => train(asIf(trainer, { assignment: { get: firstPageOf(trainer) } }), stop),
  async close(trainer, round, medianNorm) {
    const { sketches, steps } = await honestLabour.close(trainer, round, medianNorm);
    return steps > 0 ? claimWhole(trainer, round, sketches) : honestLabour.close(trainer, round, medianNorm);
  },
};

/** Each assignment with one page; the same object for the same assignment, by which the loop knows it again. */
function firstPageOf(trainer: Trainer): () => Assignment | null {
  let known: { readonly of: Assignment; readonly as: Assignment } | null = null;
  return () => {
    const { assignment: of } = trainer;
    if (!of) return null;
    if (known?.of !== of) known = { of, as: { ...of, page: (_k, signal) => of.page(0, signal) } };
    return known.as;
  };
}
