import { Failure, failuresOf } from './failure.ts';
import type { Call, Context, Pallet } from './pallet.ts';

const MAX_CALLS = 64;
const errors = { TooManyCalls: 0 };
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
      args: { calls: 'Vec<RuntimeCall>' },
      refTime: 10_000_000,
      pays: true,
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
    batch_all: {
      index: 2,
      args: { calls: 'Vec<RuntimeCall>' },
      refTime: 10_000_000,
      pays: true,
      run(context, origin, { calls }) {
        try {
          each(context, origin, calls);
        } catch (thrown) {
          throw thrown instanceof Interrupted ? thrown.failure : thrown;
        }
      },
    },
  },
  events: {
    BatchInterrupted: [0, { index: 'u32', error: 'DispatchError' }],
    BatchCompleted: 1,
    ItemCompleted: 3,
  },
  errors,
  constants: { batched_calls_limit: ['u32', MAX_CALLS] },
};
