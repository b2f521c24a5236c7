import { epochIndex } from '../economy/clock.ts';
import type { Shape } from '../scale/types.ts';
import { failuresOf } from './failure.ts';
import { item } from './item.ts';
import type { Pallet, Value } from './pallet.ts';
import { subnets } from './subtensor/storage.ts';

const MAX_FIELDS = 3;
/** Every write counts at least this much of the epoch's allowance. */
const LEAST_SPACE = 100n;

export interface Registration {
  readonly deposit: bigint;
  readonly block: number;
  readonly info: { readonly fields: Value[] };
}

const slot = [
  ['u16', 'Identity'],
  ['AccountId32', 'Twox64Concat'],
] as const;

export const commitmentsStorage = {
  CommitmentOf: item<[number, string], Registration | null>(slot, 'Registration', null),
  LastCommitment: item<[number, string], number | null>(slot, 'u32', null),
  UsedSpaceOf: item<[number, string], { last_epoch: bigint; used_space: bigint } | null>(
    slot,
    'UsageTracker',
    null,
  ),
  MaxSpace: item<[], number>([], 'u32', 3100),
};

export const commitmentsShapes: Readonly<Record<string, Shape>> = {
  Data: {
    path: 'pallet_commitments::types::Data',
    variants: {
      None: 0,
      ...Object.fromEntries(
        Array.from({ length: 129 }, (_, n) => [`Raw${n}`, [n + 1, [`[u8; ${n}]`]] as const]),
      ),
      BlakeTwo256: [130, ['[u8; 32]']],
      Sha256: [131, ['[u8; 32]']],
      Keccak256: [132, ['[u8; 32]']],
      ShaThree256: [133, ['[u8; 32]']],
    },
  },
  CommitmentInfo: { path: 'pallet_commitments::types::CommitmentInfo', fields: { fields: 'Vec<Data>' } },
  Registration: {
    path: 'pallet_commitments::types::Registration',
    fields: { deposit: 'u64', block: 'u32', info: 'CommitmentInfo' },
  },
  UsageTracker: {
    path: 'pallet_commitments::types::UsageTracker',
    fields: { last_epoch: 'u64', used_space: 'u64' },
  },
};

const errors = { TooManyFieldsInCommitmentInfo: 0, AccountNotAllowedCommit: 1, SpaceLimitExceeded: 2 };
const fail = failuresOf('Commitments', errors);

export const commitments: Pallet = {
  name: 'Commitments',
  index: 18,
  crate: 'pallet_commitments',
  storage: commitmentsStorage,
  calls: {
    set_commitment: {
      index: 0,
      args: { netuid: 'u16', info: 'CommitmentInfo' },
      refTime: 30_000_000,
      pays: false,
      /** One slot for each account and subnet, overwritten whole and stamped with its block. */
      run({ store, block, emit, encode }, who, { netuid, info }) {
        if (!store.has(subnets.Uids, netuid, who)) throw fail('AccountNotAllowedCommit');
        if (info.fields.length > MAX_FIELDS) throw fail('TooManyFieldsInCommitmentInfo');
        const size = BigInt(encode('CommitmentInfo', info).length);
        const required = size < LEAST_SPACE ? LEAST_SPACE : size;
        const epoch = BigInt(epochIndex(block, netuid, store.get(subnets.Tempo, netuid)));
        const usage = store.get(commitmentsStorage.UsedSpaceOf, netuid, who);
        const used = (usage?.last_epoch === epoch ? usage.used_space : 0n) + required;
        if (used > BigInt(store.get(commitmentsStorage.MaxSpace))) throw fail('SpaceLimitExceeded');
        store.put(commitmentsStorage.UsedSpaceOf, { last_epoch: epoch, used_space: used }, netuid, who);
        store.put(commitmentsStorage.CommitmentOf, { deposit: 0n, block, info }, netuid, who);
        store.put(commitmentsStorage.LastCommitment, block, netuid, who);
        emit('Commitments', 'Commitment', { netuid, who });
      },
    },
  },
  events: { Commitment: [0, { netuid: 'u16', who: 'AccountId32' }] },
  errors,
  constants: {
    MaxFields: ['u32', MAX_FIELDS],
    InitialDeposit: ['u64', 0n],
    FieldDeposit: ['u64', 0n],
  },
};
