import { blake2b } from '@noble/hashes/blake2.js';
import type { Shape } from '../scale/types.ts';
import { multisigAccount } from './derived-accounts.ts';
import { Failure, failuresOf } from './failure.ts';
import { item } from './item.ts';
import { type Call, type Context, heldCall, type Pallet, type Value } from './pallet.ts';
import { reserve, unreserve } from './reserve.ts';

/** Where a multisig's first approval stands: block, and extrinsic in it. */
interface Timepoint {
  readonly height: number;
  readonly index: number;
}

interface Open {
  readonly when: Timepoint;
  readonly deposit: bigint;
  readonly depositor: string;
  /** Sorted. */
  readonly approvals: readonly string[];
}

export const multisigStorage = {
  Multisigs: item<[string, Uint8Array], Open | null>(
    [
      ['AccountId32', 'Twox64Concat'],
      ['[u8; 32]', 'Blake2128Concat'],
    ],
    'Multisig',
    null,
  ),
};

export const multisigShapes: Readonly<Record<string, Shape>> = {
  Multisig: {
    path: 'pallet_multisig::Multisig',
    params: { BlockNumber: 'u32', Balance: 'u64', AccountId: 'AccountId32', MaxApprovals: null },
    fields: {
      when: 'Timepoint as Timepoint<BlockNumber>',
      deposit: 'u64 as Balance',
      depositor: 'AccountId32 as AccountId',
      approvals: 'BoundedVec<AccountId32> as BoundedVec<AccountId, MaxApprovals>',
    },
  },
  Timepoint: {
    path: 'pallet_multisig::Timepoint',
    params: { BlockNumber: 'u32' },
    fields: { height: 'u32 as BlockNumber', index: 'u32' },
  },
};

/** Rao: once, and for each approval that is needed. */
const DEPOSIT_BASE = 132_000_000n;
const DEPOSIT_FACTOR = 32_000_000n;
const MAX_SIGNATORIES = 100;

const errors = {
  MinimumThreshold: 0,
  AlreadyApproved: 1,
  NoApprovalsNeeded: 2,
  TooFewSignatories: 3,
  TooManySignatories: 4,
  SignatoriesOutOfOrder: 5,
  SenderInSignatories: 6,
  NotFound: 7,
  NotOwner: 8,
  NoTimepoint: 9,
  WrongTimepoint: 10,
  UnexpectedTimepoint: 11,
  MaxWeightTooLow: 12,
  AlreadyStored: 13,
} as const;
const fail = failuresOf('Multisig', errors);

const hashOf = (context: Context, call: Call): Uint8Array =>
  blake2b(context.encode('RuntimeCall', call), { dkLen: 32 });

/** All signatories, sorted, out of the others' list and who calls. */
function signatories(who: string, others: readonly string[]): string[] {
  if (others.length === 0) throw fail('TooFewSignatories');
  if (others.length >= MAX_SIGNATORIES) throw fail('TooManySignatories');
  for (const [i, each] of others.entries()) {
    if (i > 0 && each <= (others[i - 1] ?? '')) throw fail('SignatoriesOutOfOrder');
    if (each === who) throw fail('SenderInSignatories');
  }
  return [...others, who].sort();
}

/** A multisig that any one of its signatories may use alone. */
function asThreshold1(context: Context, who: string, { other_signatories, call }: Value): void {
  const multisig = multisigAccount(signatories(who, other_signatories), 1);
  context.dispatchFor(multisig, call);
  context.emit('Multisig', 'MultisigExecuted', {
    approving: who,
    timepoint: now(context),
    multisig,
    call_hash: hashOf(context, call),
    result: { type: 'Ok', value: [] },
  });
}

const now = ({ block, extrinsic }: Context): Timepoint => ({ height: block, index: extrinsic });
const isSame = (a: Timepoint, b: Timepoint): boolean => a.height === b.height && a.index === b.index;

interface Approval {
  readonly threshold: number;
  readonly other_signatories: readonly string[];
  readonly maybe_timepoint: Timepoint | null;
  readonly max_weight: { readonly ref_time: bigint };
}

/** One more approval: the first opens the multisig, and the last, where it brings the call, carries that out. */
function operate(
  context: Context,
  who: string,
  args: Approval,
  callHash: Uint8Array,
  call: Call | null,
): void {
  const { store } = context;
  if (args.threshold < 2) throw fail('MinimumThreshold');
  const multisig = multisigAccount(signatories(who, args.other_signatories), args.threshold);
  const open = store.get(multisigStorage.Multisigs, multisig, callHash);
  if (!open) {
    begin(context, who, args, multisig, callHash);
    return;
  }
  if (!args.maybe_timepoint) throw fail('NoTimepoint');
  if (!isSame(open.when, args.maybe_timepoint)) throw fail('WrongTimepoint');
  const isNew = !open.approvals.includes(who) && open.approvals.length < args.threshold;
  const approvals = isNew ? [...open.approvals, who].sort() : open.approvals;
  if (call && approvals.length >= args.threshold) {
    if (context.refTime(call) > args.max_weight.ref_time) throw fail('MaxWeightTooLow');
    execute(context, who, multisig, callHash, open, call);
  } else {
    if (!isNew) throw fail('AlreadyApproved');
    store.put(multisigStorage.Multisigs, { ...open, approvals }, multisig, callHash);
    const event = { approving: who, timepoint: open.when, multisig, call_hash: callHash };
    context.emit('Multisig', 'MultisigApproval', event);
  }
}

function begin(
  context: Context,
  who: string,
  { threshold, maybe_timepoint }: Approval,
  multisig: string,
  callHash: Uint8Array,
): void {
  if (maybe_timepoint) throw fail('UnexpectedTimepoint');
  const deposit = DEPOSIT_BASE + DEPOSIT_FACTOR * BigInt(threshold);
  reserve(context, who, deposit);
  const open = { when: now(context), deposit, depositor: who, approvals: [who] };
  context.store.put(multisigStorage.Multisigs, open, multisig, callHash);
  context.emit('Multisig', 'NewMultisig', { approving: who, multisig, call_hash: callHash });
}

/** What was open is closed first, so that the call itself can open it again. Its outcome is told by the event. */
function execute(
  context: Context,
  who: string,
  multisig: string,
  callHash: Uint8Array,
  open: Open,
  call: Call,
): void {
  context.store.remove(multisigStorage.Multisigs, multisig, callHash);
  unreserve(context, open.depositor, open.deposit);
  let result: Value = { type: 'Ok', value: [] };
  try {
    context.nested(() => context.dispatchFor(multisig, call));
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    result = { type: 'Err', value: context.describe(thrown) };
  }
  const event = { approving: who, timepoint: open.when, multisig, call_hash: callHash, result };
  context.emit('Multisig', 'MultisigExecuted', event);
}

/** Whoever opened it takes it back, and the deposit with it. */
function cancel(context: Context, who: string, args: Value): void {
  const { threshold, other_signatories, timepoint, call_hash } = args;
  if (threshold < 2) throw fail('MinimumThreshold');
  const multisig = multisigAccount(signatories(who, other_signatories), threshold);
  const open = context.store.get(multisigStorage.Multisigs, multisig, call_hash);
  if (!open) throw fail('NotFound');
  if (!isSame(open.when, timepoint)) throw fail('WrongTimepoint');
  if (open.depositor !== who) throw fail('NotOwner');
  unreserve(context, who, open.deposit);
  context.store.remove(multisigStorage.Multisigs, multisig, call_hash);
  context.emit('Multisig', 'MultisigCancelled', { cancelling: who, timepoint, multisig, call_hash });
}

const ACCOUNT = 'AccountId32 as T::AccountId';
const TIMEPOINT = 'Timepoint as Timepoint<BlockNumberFor<T>>';
const HASH = '[u8; 32] as CallHash';
const BALANCE = 'u64 as BalanceOf<T>';
const SIGNATORIES = { other_signatories: 'Vec<AccountId32> as Vec<T::AccountId>' };
const MAYBE_TIMEPOINT = { maybe_timepoint: 'Option<Timepoint> as Option<Timepoint<BlockNumberFor<T>>>' };
const CALL = { call: 'RuntimeCall as Box<<T as Config>::RuntimeCall>' };

/** Accounts that act when so many of their signatories agree on a call. */
export const multisig: Pallet = {
  name: 'Multisig',
  index: 13,
  crate: 'pallet_multisig',
  storage: multisigStorage,
  calls: {
    as_multi_threshold_1: {
      index: 0,
      args: { ...SIGNATORIES, ...CALL },
      refTime: 20_000_000,
      pays: true,
      holds: heldCall,
      run: asThreshold1,
    },
    as_multi: {
      index: 1,
      args: { threshold: 'u16', ...SIGNATORIES, ...MAYBE_TIMEPOINT, ...CALL, max_weight: 'Weight' },
      refTime: 170_000_000,
      pays: true,
      holds: heldCall,
      run: (context, who, args) => operate(context, who, args, hashOf(context, args.call), args.call),
    },
    approve_as_multi: {
      index: 2,
      args: {
        threshold: 'u16',
        ...SIGNATORIES,
        ...MAYBE_TIMEPOINT,
        call_hash: '[u8; 32]',
        max_weight: 'Weight',
      },
      refTime: 165_000_000,
      pays: true,
      run: (context, who, args) => operate(context, who, args, args.call_hash, null),
    },
    cancel_as_multi: {
      index: 3,
      args: { threshold: 'u16', ...SIGNATORIES, timepoint: TIMEPOINT, call_hash: '[u8; 32]' },
      refTime: 160_000_000,
      pays: true,
      run: cancel,
    },
  },
  events: {
    NewMultisig: [0, { approving: ACCOUNT, multisig: ACCOUNT, call_hash: HASH }],
    MultisigApproval: [1, { approving: ACCOUNT, timepoint: TIMEPOINT, multisig: ACCOUNT, call_hash: HASH }],
    MultisigExecuted: [
      2,
      {
        approving: ACCOUNT,
        timepoint: TIMEPOINT,
        multisig: ACCOUNT,
        call_hash: HASH,
        result: 'Result<(), DispatchError> as DispatchResult',
      },
    ],
    MultisigCancelled: [3, { cancelling: ACCOUNT, timepoint: TIMEPOINT, multisig: ACCOUNT, call_hash: HASH }],
    DepositPoked: [4, { who: ACCOUNT, call_hash: HASH, old_deposit: BALANCE, new_deposit: BALANCE }],
  },
  errors,
  constants: {
    DepositBase: ['u64', DEPOSIT_BASE],
    DepositFactor: ['u64', DEPOSIT_FACTOR],
    MaxSignatories: ['u32', MAX_SIGNATORIES],
  },
};
