import { expect, it } from 'vitest';
import { mutationsOf } from '../../mutated.ts';
import { runs } from '../../runs.ts';
import { decoders } from './decoders.ts';

const MUTATIONS = runs(300, 1_000_000);
const seed = Number(process.env.BUTTERFLY_SEED ?? 38);

it.each(decoders)(
  '$name: valid bytes are taken, faulty ones refused or read for what they are',
  ({ valid, read }) => {
    for (const bytes of valid) expect(read(bytes)).toBe(true);
    const next = mutationsOf(valid, seed);
    for (let left = MUTATIONS; left > 0; left--) {
      const bytes = next();
      try {
        read(bytes);
      } catch (thrown) {
        throw new Error(`${Buffer.from(bytes).toString('hex')}, of seed ${seed}`, { cause: thrown });
      }
    }
  },
);
