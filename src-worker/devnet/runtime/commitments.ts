import { epochIndex } from '../economy/clock.ts';
import type { Shape } from '../scale/types.ts';
import { failuresOf } from './failure.ts';
import { item } from './item.ts';
import type { Context, Pallet, Value } from './pallet.ts';
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
  /** Who has a commitment that time will open. */
  TimelockedIndex: item<[], [number, string][]>([], 'BTreeSet<(u16, AccountId32)>', []),
  LastBondsReset: item<[number, string], number | null>(slot, 'u32', null),
  RevealedCommitments: item<[number, string], Value[] | null>(slot, 'Vec<(Vec<u8>, u64)>', null),
};

export const commitmentsShapes: Readonly<Record<string, Shape>> = {
  Data: {
    path: 'pallet_commitments::types::Data',
    variants: {
      None: 0,
      ...Object.fromEntries(
        Array.from({ length: 129 }, (_, n) => [`Raw${n}`, [n + 1, [`[u8; ${n}] as _`]] as const]),
      ),
      BlakeTwo256: [130, ['[u8; 32] as _']],
      Sha256: [131, ['[u8; 32] as _']],
      Keccak256: [132, ['[u8; 32] as _']],
      ShaThree256: [133, ['[u8; 32] as _']],
      TimelockEncrypted: [134, { encrypted: 'BoundedVec<u8> as _', reveal_round: 'u64 as _' }],
      ResetBondsFlag: 135,
      BigRaw: [136, ['BoundedVec<u8> as _']],
    },
  },
  CommitmentInfo: {
    path: 'pallet_commitments::types::CommitmentInfo',
    params: { FieldLimit: null },
    fields: { fields: 'BoundedVec<Data> as BoundedVec<Data, FieldLimit>' },
  },
  Registration: {
    path: 'pallet_commitments::types::Registration',
    params: { Balance: 'u64', MaxFields: null, BlockNumber: 'u32' },
    fields: {
      deposit: 'u64 as Balance',
      block: 'u32 as BlockNumber',
      info: 'CommitmentInfo as CommitmentInfo<MaxFields>',
    },
  },
  UsageTracker: {
    path: 'pallet_commitments::types::UsageTracker',
    fields: { last_epoch: 'u64', used_space: 'u64' },
  },
};

const errors = {
  TooManyFieldsInCommitmentInfo: 0,
  AccountNotAllowedCommit: 1,
  SpaceLimitExceeded: 2,
  UnexpectedUnreserveLeftover: 3,
};
const fail = failuresOf('Commitments', errors);

/** A commitment under a time lock is told as such, and listed for whoever opens such ones. */
function announce(
  { store, emit }: Pick<Context, 'store' | 'emit'>,
  netuid: number,
  who: string,
  fields: readonly Value[],
): void {
  const locked = fields.find(({ type }) => type === 'TimelockEncrypted');
  const index = store.get(commitmentsStorage.TimelockedIndex);
  const others = index.filter(([at, account]) => at !== netuid || account !== who);
  if (locked) store.put(commitmentsStorage.TimelockedIndex, sorted([...others, [netuid, who]]));
  else if (others.length < index.length) store.put(commitmentsStorage.TimelockedIndex, others);
  const round = locked && { reveal_round: locked.value.reveal_round };
  emit('Commitments', locked ? 'TimelockCommitment' : 'Commitment', { netuid, who, ...round });
}

/** As the real chain keeps a set: by subnet, then by account. */
const sorted = (index: [number, string][]): [number, string][] =>
  index.sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1));

export const commitments: Pallet = {
  name: 'Commitments',
  index: 18,
  crate: 'pallet_commitments',
  storage: commitmentsStorage,
  calls: {
    set_commitment: {
      index: 0,
      args: { netuid: 'u16 as NetUid', info: 'CommitmentInfo as Box<CommitmentInfo<T::MaxFields>>' },
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
        announce({ store, emit }, netuid, who, info.fields);
      },
    },
  },
  events: {
    Commitment: [0, { netuid: 'u16 as NetUid', who: 'AccountId32 as T::AccountId' }],
    TimelockCommitment: [
      1,
      { netuid: 'u16 as NetUid', who: 'AccountId32 as T::AccountId', reveal_round: 'u64' },
    ],
    CommitmentRevealed: [2, { netuid: 'u16 as NetUid', who: 'AccountId32 as T::AccountId' }],
  },
  errors,
  constants: {
    MaxFields: ['u32', MAX_FIELDS],
    InitialDeposit: ['u64', 0n],
    FieldDeposit: ['u64', 0n],
  },
};
