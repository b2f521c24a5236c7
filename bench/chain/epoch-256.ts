import { median } from '../../src-shared/reduce/norms.ts';
import { isEpochBlock } from '../../src-worker/devnet/economy/clock.ts';
import { systemStorage } from '../../src-worker/devnet/runtime/system.ts';
import { type Figure, figure } from '../report/figures.ts';
import { account, dispatch, modelChain, moduleCall, NETUID, optionsOf, TAO } from './model-chain.ts';
import { seeded } from './seeded.ts';

export const UIDS = 256;
const VALIDATORS = 64;
const TEMPO = 10;
const EPOCHS = 12;
const WARM = 3;

/** A full subnet: 64 validators with stake of many sizes, the owner, and miners. Uid 0 is the owner's. */
export const fullSubnet = () => {
  const random = seeded(38);
  return Array.from({ length: UIDS - 1 }, (_, i) => ({
    hotkey: account(1_000 + i).ss58,
    coldkey: account(2_000 + i).ss58,
    stakeAlpha: i < VALIDATORS ? random.amount(TAO, 100_000n * TAO) : 0n,
    validatorPermit: i < VALIDATORS,
  }));
};

/** The median of blocks that hold an epoch of 256 uids in which 64 validators weigh all others. */
export async function epoch256Ms(): Promise<Figure> {
  const chain = modelChain(optionsOf({}, { neurons: fullSubnet(), tempo: TEMPO, weightsSetRateLimit: 0 }));
  chain.block((executor) => {
    dispatch(executor, account(0).hex, moduleCall('start_call', { netuid: NETUID }));
    const random = seeded(256);
    const dests = Array.from({ length: UIDS }, (_, uid) => uid);
    for (let i = 0; i < VALIDATORS; i++) {
      const weights = dests.map(() => random.below(65_536));
      const vote = moduleCall('set_weights', { netuid: NETUID, dests, weights, version_key: 0n });
      if (!dispatch(executor, account(1_000 + i).hex, vote))
        throw new Error(`vote of uid ${i + 1} was refused`);
    }
  });
  const taken: number[] = [];
  while (taken.length < EPOCHS + WARM) {
    const next = chain.store.get(systemStorage.Number) + 1;
    const from = performance.now();
    chain.block(() => {});
    if (isEpochBlock(next, NETUID, TEMPO)) taken.push(performance.now() - from);
  }
  const seen = `${VALIDATORS} validators weigh ${UIDS} uids; a whole block, the median of ${EPOCHS}`;
  return figure('epoch-256-ms', median(taken.slice(WARM)), 'ms', { floor: 50, goal: 20, seen });
}
