import type { CallRule } from '../../pallet.ts';
import { claimRoot, setRootClaimThreshold, setRootClaimType } from '../root-claims.ts';
import { registerOnRoot } from '../root-network.ts';

export const rootCalls: Readonly<Record<string, CallRule>> = {
  root_register: {
    index: 62,
    args: { hotkey: 'AccountId32 as T::AccountId' },
    refTime: 135_900_000,
    pays: true,
    run: (context, coldkey, { hotkey }) => registerOnRoot(context, coldkey, hotkey),
  },
  claim_root: {
    index: 121,
    args: { subnets: 'BTreeSet<u16> as BTreeSet<NetUid>' },
    refTime: 117_000_000,
    pays: true,
    counts: ({ subnets }) => subnets.length,
    run: claimRoot,
  },
  set_root_claim_type: {
    index: 122,
    args: { new_root_claim_type: 'RootClaimTypeEnum' },
    refTime: 19_420_000,
    pays: true,
    run: setRootClaimType,
  },
  sudo_set_root_claim_threshold: {
    index: 124,
    args: { netuid: 'u16 as NetUid', new_value: 'u64' },
    refTime: 5_711_000,
    pays: true,
    run: setRootClaimThreshold,
  },
};
