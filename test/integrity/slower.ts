import { asIf, withSteps } from '../../src-worker/train/adversaries/as-if.ts';
import { honestLabour, type Labour } from '../../src-worker/train/loop/labour.ts';
import { train } from '../../src-worker/train/loop/loop.ts';

/** An honest miner on a machine that manages so many steps a round. */
export const slowerLabour = (steps: number): Labour => ({
  run: (trainer, stop) =>
    train(asIf(trainer, { consensus: { value: withSteps(trainer.consensus, steps) } }), stop),
  close: honestLabour.close,
});
