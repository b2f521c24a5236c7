import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Takes what root stake has earned on these subnets. */
export const claimRoot: CallSpec<CallOf<'claimRoot'>> = {
  names: ['SubtensorModule.claim_root'],
  build: (session, _netuid, { netuids }) =>
    // A set is encoded in order, each of its members once.
    extrinsicOf(session, 'SubtensorModule.claim_root', {
      subnets: [...new Set(netuids)].toSorted((a, b) => a - b),
    }),
  say: (args) => `claim what root stake earned on ${args.length('subnets')} subnets`,
  effect: (events) => happened(events, 'RootClaimed'),
};
