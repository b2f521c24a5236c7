import type { WorkRecord } from '../../../src-shared/spool.ts';
import { honestLabour, type Labour } from '../loop/labour.ts';
import { train } from '../loop/loop.ts';
import { asIf } from './as-if.ts';
import { offerInstead } from './offer-instead.ts';

/** Works in the first round that it sees, and sends that round's sketches and contribution again in every later one. */
export function replayerLabour(): Labour {
  let first: { readonly record: WorkRecord; readonly offer: Float32Array } | null = null;
  return {
    run: (trainer, stop) =>
      train(asIf(trainer, { isActive: { get: () => trainer.isActive && first === null } }), stop),
    async close(trainer, round, medianNorm) {
      const record = await honestLabour.close(trainer, round, medianNorm);
      if (first) {
        const { offer } = first;
        await offerInstead(trainer, async (into) => into.set(offer));
        return { ...first.record, round };
      }
      if (record.steps > 0)
        await offerInstead(trainer, async (offer) => {
          first = { record, offer: offer.slice() };
        });
      return record;
    },
  };
}
