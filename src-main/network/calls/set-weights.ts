import * as v from 'valibot';
import type { CallOf } from '../chain.ts';
import type { Session } from '../session.ts';
import { parse, readMany, smallUint, storageItem } from '../storage.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** A validator's word on what each miner is worth. */
export const setWeights: CallSpec<CallOf<'setWeights'>> = {
  nameOn: () => 'SubtensorModule.set_weights',
  async build(session, netuid, { weights }, signal) {
    return extrinsicOf(session, 'SubtensorModule.set_weights', {
      netuid,
      dests: weights.map(({ uid }) => uid),
      weights: weights.map(({ weight }) => weight),
      versionKey: await weightsVersion(session, netuid, signal),
    });
  },
  describe: (netuid, { weights }) => `set weights of ${weights.length} uids on subnet ${netuid}`,
};

/** The chain takes weights only from who states at least its version. */
async function weightsVersion(session: Session, netuid: number, signal: AbortSignal): Promise<number> {
  const item = storageItem(session, 'SubtensorModule', 'WeightsVersionKey');
  if (!item) return 0;
  const [value] = await readMany(session, [{ item, args: [netuid] }], null, signal);
  return parse(v.nullable(smallUint), value?.toPrimitive() ?? null) ?? 0;
}
