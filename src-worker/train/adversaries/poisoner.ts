import { honestLabour, type Labour } from '../loop/labour.ts';
import { offerInstead } from './offer-instead.ts';

/** How many times its honest contribution it offers, turned round. */
const SCALE = -3;

/** Trains as everybody does and offers the opposite, scaled up: it would have everybody unlearn. */
export const poisonerLabour: Labour = {
  run: honestLabour.run,
  async close(trainer, round, medianNorm) {
    const record = await honestLabour.close(trainer, round, medianNorm);
    const { slices } = trainer.replica;
    await offerInstead(trainer, (offer) =>
      slices.each(offer.length, (from, to) => {
        for (let i = from; i < to; i += 1) offer[i] = SCALE * offer[i]!;
      }),
    );
    return record;
  },
};
