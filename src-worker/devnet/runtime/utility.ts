import { derivativeAccount } from './derived-accounts.ts';
import { Failure, failuresOf } from './failure.ts';
import { type Call, type Context, heldCall, type Pallet, type Value } from './pallet.ts';

/** Of one batch, as at 393. The length of an extrinsic allows far fewer of most calls. */
const MAX_CALLS = 10_922;
const errors = { TooManyCalls: 0, InvalidDerivedAccount: 1 };
const fail = failuresOf('Utility', errors);

function each(context: Context, origin: string, calls: readonly Call[]): void {
  if (calls.length > MAX_CALLS) throw fail('TooManyCalls');
  for (const [index, call] of calls.entries()) {
    try {
      context.nested(() => context.dispatch(origin, call));
    } catch (thrown) {
      if (thrown instanceof Failure) throw new Interrupted(index, thrown);
      throw thrown;
    }
    context.emit('Utility', 'ItemCompleted');
  }
  context.emit('Utility', 'BatchCompleted');
}

/** Runs one call of a batch and says how it went. */
function succeeds(context: Context, origin: string, call: Call): boolean {
  try {
    context.nested(() => context.dispatch(origin, call));
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    context.emit('Utility', 'ItemFailed', { error: context.describe(thrown) });
    return false;
  }
  context.emit('Utility', 'ItemCompleted');
  return true;
}

const batched = ({ calls }: Value): readonly Call[] => calls;

const BATCHES = new Set(['batch', 'batch_all', 'force_batch']);
const isBatch = ({ type, value }: Call): boolean => type === 'Utility' && BATCHES.has(value.type);

/** No batch may hold another one: the one call that nobody may make. */
export const isNestedBatch = (call: Call): boolean =>
  isBatch(call) && batched(call.value.value).some(isBatch);

/** Where a batch stopped. */
class Interrupted extends Error {
  readonly index: number;
  readonly failure: Failure;

  constructor(index: number, failure: Failure) {
    super('batch interrupted');
    this.index = index;
    this.failure = failure;
  }
}

export const utility: Pallet = {
  name: 'Utility',
  index: 11,
  crate: 'pallet_utility',
  storage: {},
  calls: {
    batch: {
      index: 0,
      args: { calls: 'Vec<RuntimeCall> as Vec<<T as Config>::RuntimeCall>' },
      refTime: 10_000_000,
      pays: 'asHeld',
      holds: batched,
      /** What succeeded before the first failure stays. */
      run(context, origin, { calls }) {
        try {
          each(context, origin, calls);
        } catch (thrown) {
          if (!(thrown instanceof Interrupted)) throw thrown;
          context.emit('Utility', 'BatchInterrupted', {
            index: thrown.index,
            error: context.describe(thrown.failure),
          });
        }
      },
    },
    as_derivative: {
      index: 1,
      args: { index: 'u16', call: 'RuntimeCall as Box<<T as Config>::RuntimeCall>' },
      refTime: 10_000_000,
      pays: true,
      holds: heldCall,
      /** For an under-account of one's own, within the caller's bounds. */
      run: (context, origin, { index, call }) => context.dispatch(derivativeAccount(origin, index), call),
    },
    batch_all: {
      index: 2,
      args: { calls: 'Vec<RuntimeCall> as Vec<<T as Config>::RuntimeCall>' },
      refTime: 10_000_000,
      pays: 'asHeld',
      holds: batched,
      run(context, origin, { calls }) {
        try {
          each(context, origin, calls);
        } catch (thrown) {
          throw thrown instanceof Interrupted ? thrown.failure : thrown;
        }
      },
    },
    force_batch: {
      index: 4,
      args: { calls: 'Vec<RuntimeCall> as Vec<<T as Config>::RuntimeCall>' },
      refTime: 10_000_000,
      pays: 'asHeld',
      holds: batched,
      /** Each call stands for itself: one that fails is named, and the next is tried. */
      run(context, origin, { calls }) {
        if (calls.length > MAX_CALLS) throw fail('TooManyCalls');
        const failed = (calls as readonly Call[]).filter((call) => !succeeds(context, origin, call));
        context.emit('Utility', failed.length > 0 ? 'BatchCompletedWithErrors' : 'BatchCompleted');
      },
    },
  },
  events: {
    BatchInterrupted: [0, { index: 'u32', error: 'DispatchError' }],
    BatchCompleted: 1,
    BatchCompletedWithErrors: 2,
    ItemCompleted: 3,
    ItemFailed: [4, { error: 'DispatchError' }],
    DispatchedAs: [5, { result: 'Result<(), DispatchError> as DispatchResult' }],
    IfElseMainSuccess: 6,
    IfElseFallbackCalled: [7, { main_error: 'DispatchError' }],
  },
  errors,
  constants: { batched_calls_limit: ['u32', MAX_CALLS] },
};
