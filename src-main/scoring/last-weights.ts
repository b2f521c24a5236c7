import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { address, count } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { FULL_WEIGHT } from '../../src-shared/scoring/weights.ts';

const u16 = v.pipe(count, v.maxValue(FULL_WEIGHT));
const setSchema = v.object({
  /** Of the transaction that set or committed them. */
  block: count,
  weights: v.pipe(v.array(v.object({ uid: u16, hotkey: address, weight: u16 })), v.readonly()),
});

/** The weights that the chain took last, and for whom they were. */
export type WeightsSet = v.InferOutput<typeof setSchema>;

/** They outlive a restart: what changes is told against them, and what does not is not sent again. */
export interface LastWeights {
  read(): Promise<WeightsSet | null>;
  write(set: WeightsSet): Promise<void>;
}

export function lastWeightsFile(path: string, told: (error: CodedError) => void): LastWeights {
  const file = durableJson({ path, schema: setSchema, told });
  let known: Promise<WeightsSet | null> | null = null;
  return {
    read() {
      known ??= file.read();
      return known;
    },
    async write(set) {
      await file.write(set);
      known = Promise.resolve(set);
    },
  };
}

/** Whether the same uids have the same weights, for the same hotkeys. */
export const isSameSet = (a: WeightsSet['weights'], b: WeightsSet['weights']): boolean =>
  a.length === b.length &&
  a.every(({ uid, hotkey, weight }, i) => {
    const other = b[i]!;
    return uid === other.uid && hotkey === other.hotkey && weight === other.weight;
  });
