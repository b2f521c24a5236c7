import { honestLabour, type Labour } from '../loop/labour.ts';
import { train } from '../loop/loop.ts';
import type { Trainer } from '../loop/trainer.ts';
import { inMemory, type VectorSource, whole } from '../vector-source.ts';
import { asIf } from './as-if.ts';

/** Takes the first step of each round at the base of the round before: it spares itself the newest one. */
export function staleBaseLabour(): Labour {
  let before: VectorSource | null = null;
  return {
    run(trainer, stop) {
      const replica = Object.create(trainer.replica, { base: { get: () => before ?? trainer.replica.base } });
      return train(asIf(trainer, { replica: { value: replica } }), stop);
    },
    async close(trainer: Trainer, round, medianNorm) {
      const record = await honestLabour.close(trainer, round, medianNorm);
      before = inMemory(await whole(trainer.replica.base, trainer.replica.elements));
      return record;
    },
  };
}
