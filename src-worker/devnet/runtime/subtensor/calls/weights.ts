import type { CallRule } from '../../pallet.ts';
import { commitHash, commitHashes, revealHash, revealHashes, setWeightsOfMany } from '../hash-commits.ts';
import { commitTimelocked } from '../timelocked.ts';
import { setMechanismWeights, setWeights } from '../weights.ts';

const NETUID = 'u16 as NetUid';
const MECID = 'u8 as MechId';
const REVEALED = { uids: 'Vec<u16>', values: 'Vec<u16>', salt: 'Vec<u16>', version_key: 'u64' };

export const weightCalls: Readonly<Record<string, CallRule>> = {
  set_weights: {
    index: 0,
    args: { netuid: NETUID, dests: 'Vec<u16>', weights: 'Vec<u16>', version_key: 'u64' },
    refTime: 100_000_000,
    pays: false,
    run: setWeights,
  },
  batch_set_weights: {
    index: 80,
    args: {
      netuids: 'Vec<Compact<u16>> as Vec<Compact<NetUid>>',
      weights: 'Vec<Vec<(Compact<u16>, Compact<u16>)>>',
      version_keys: 'Vec<Compact<u64>>',
    },
    refTime: 80_000_000,
    pays: false,
    counts: ({ netuids }) => netuids.length,
    run: setWeightsOfMany,
  },
  commit_weights: {
    index: 96,
    args: { netuid: NETUID, commit_hash: 'H256' },
    refTime: 70_000_000,
    pays: false,
    run: commitHash,
  },
  reveal_weights: {
    index: 97,
    args: { netuid: NETUID, ...REVEALED },
    refTime: 120_000_000,
    pays: false,
    run: revealHash,
  },
  batch_reveal_weights: {
    index: 98,
    args: {
      netuid: NETUID,
      uids_list: 'Vec<Vec<u16>>',
      values_list: 'Vec<Vec<u16>>',
      salts_list: 'Vec<Vec<u16>>',
      version_keys: 'Vec<u64>',
    },
    refTime: 420_000_000,
    pays: false,
    counts: ({ uids_list }) => uids_list.length,
    run: revealHashes,
  },
  batch_commit_weights: {
    index: 100,
    args: { netuids: 'Vec<Compact<u16>> as Vec<Compact<NetUid>>', commit_hashes: 'Vec<H256>' },
    refTime: 100_000_000,
    pays: false,
    counts: ({ netuids }) => netuids.length,
    run: commitHashes,
  },
  commit_mechanism_weights: {
    index: 115,
    args: { netuid: NETUID, mecid: MECID, commit_hash: 'H256' },
    refTime: 70_000_000,
    pays: false,
    run: commitHash,
  },
  reveal_mechanism_weights: {
    index: 116,
    args: { netuid: NETUID, mecid: MECID, ...REVEALED },
    refTime: 120_000_000,
    pays: false,
    run: revealHash,
  },
  commit_timelocked_weights: {
    index: 113,
    args: {
      netuid: NETUID,
      commit: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<MAX_CRV3_COMMIT_SIZE_BYTES>>',
      reveal_round: 'u64',
      commit_reveal_version: 'u16',
    },
    refTime: 80_000_000,
    pays: false,
    run: commitTimelocked,
  },
  commit_timelocked_mechanism_weights: {
    index: 118,
    args: {
      netuid: NETUID,
      mecid: MECID,
      commit: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<MAX_CRV3_COMMIT_SIZE_BYTES>>',
      reveal_round: 'u64',
      commit_reveal_version: 'u16',
    },
    refTime: 80_000_000,
    pays: false,
    run: commitTimelocked,
  },
  set_mechanism_weights: {
    index: 119,
    args: {
      netuid: NETUID,
      mecid: MECID,
      dests: 'Vec<u16>',
      weights: 'Vec<u16>',
      version_key: 'u64',
    },
    refTime: 100_000_000,
    pays: false,
    run: setMechanismWeights,
  },
};
