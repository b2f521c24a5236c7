import { modelChain, moduleCall, optionsOf, TAO } from '../../../bench/chain/model-chain.ts';
import type { DevnetOptions } from '../../../src-shared/contract/devnet.ts';
import type { Executor } from '../../../src-worker/devnet/chain/executor.ts';
import { Failure } from '../../../src-worker/devnet/runtime/failure.ts';
import type { Call } from '../../../src-worker/devnet/runtime/pallet.ts';

export { account, type ModelChain, NETUID, optionsOf, TAO } from '../../../bench/chain/model-chain.ts';

export interface Model {
  readonly chain: ReturnType<typeof modelChain>;
  /** One block with one call of SubtensorModule in it. @returns what it was refused with, or null */
  send(origin: string, call: string, args: object): string | null;
  /** The same of `AdminUtils`. */
  admin(origin: string, call: string, args: object): string | null;
  /** So many blocks with nothing in them. */
  pass(blocks: number): void;
  fund(account: string, tao: bigint): void;
}

/** The chain's rules without its sockets, and its state at hand. */
export function openModel(changes: Partial<DevnetOptions> = {}, subnet: object = {}): Model {
  const chain = modelChain(optionsOf(changes, subnet));
  return {
    chain,
    send: (origin, call, args) => chain.block((executor) => refusal(executor, origin, call, args)),
    admin: (origin, call, args) =>
      chain.block((executor) =>
        refusalOf(executor, origin, { type: 'AdminUtils', value: { type: call, value: args } }),
      ),
    pass: (blocks) => {
      for (let i = 0; i < blocks; i++) chain.block(() => {});
    },
    fund: (account, tao) => chain.block((executor) => executor.fund({ account, amountRao: tao * TAO })),
  };
}

export const refusal = (executor: Executor, origin: string, call: string, args: object): string | null =>
  refusalOf(executor, origin, moduleCall(call, args));

function refusalOf({ context }: Executor, origin: string, call: Call): string | null {
  try {
    context.nested(() => context.dispatch(origin, call));
    return null;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.error;
    throw thrown;
  }
}
