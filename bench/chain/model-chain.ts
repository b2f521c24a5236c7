import * as v from 'valibot';
import { type DevnetOptions, devnetInitSchema } from '../../src-shared/contract/devnet.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import { Executor } from '../../src-worker/devnet/chain/executor.ts';
import { buildGenesis } from '../../src-worker/devnet/chain/genesis.ts';
import { Overlay } from '../../src-worker/devnet/chain/overlay.ts';
import { Failure } from '../../src-worker/devnet/runtime/failure.ts';
import type { Call } from '../../src-worker/devnet/runtime/pallet.ts';
import { Runtime } from '../../src-worker/devnet/runtime/runtime.ts';
import type { Store } from '../../src-worker/devnet/runtime/store.ts';
import { toHex } from '../../src-worker/devnet/scale/hex.ts';

export const TAO = 1_000_000_000n;
export const NETUID = 38;

/** An account that nobody has a key of, as the chain writes it and as its options want it. */
export interface Account {
  readonly hex: string;
  readonly ss58: string;
}

export function account(index: number): Account {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(28, index + 1);
  return { hex: toHex(bytes), ss58: addressOf(bytes) };
}

/** devnet's rules over a plain map: no sockets, no signatures, no disk. */
export interface ModelChain {
  readonly runtime: Runtime;
  /** The state after the last block. */
  readonly store: Store;
  /** Runs a block: its steps, then what is given. @returns what that gives */
  block<T>(within: (executor: Executor) => T): T;
}

export function modelChain(options: DevnetOptions): ModelChain {
  const init = v.parse(devnetInitSchema, options);
  const runtime = new Runtime({
    blockMs: 12_000,
    netuids: init.subnets.map(({ netuid }) => netuid),
    rules: { refuseLoopbackAxons: false, beaconSecret: 38n },
  });
  const state = new Map<string, Uint8Array>();
  const keep = (changes: Iterable<readonly [string, Uint8Array | null]>): void => {
    for (const [key, value] of changes) {
      if (value === null) state.delete(key);
      else state.set(key, value);
    }
  };
  keep(buildGenesis(init, runtime).changes);
  const read = (key: string) => state.get(key) ?? null;
  let number = 0;
  return {
    runtime,
    store: runtime.store({ read, write: () => {} }),
    block(within) {
      number++;
      const keys = (prefix: string) => [...state.keys()].filter((key) => key.startsWith(prefix));
      const overlay = new Overlay(read, keys);
      const executor = new Executor(runtime, overlay, number);
      executor.initialize(`0x${'00'.repeat(32)}`, 0);
      const result = within(executor);
      executor.finish();
      keep(overlay.changes());
      return result;
    },
  };
}

export const moduleCall = (type: string, value: unknown): Call => ({
  type: 'SubtensorModule',
  value: { type, value },
});

/** @returns whether the call went through; refused, it leaves nothing */
export function dispatch({ context }: Executor, origin: string, call: Call): boolean {
  try {
    context.nested(() => context.dispatch(origin, call));
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

export function optionsOf(changes: Partial<DevnetOptions> = {}, subnet: object = {}): DevnetOptions {
  return {
    dataDir: null,
    port: 0,
    seed: '38'.repeat(32),
    blockMs: null,
    genesisTimeMs: 1_800_000_000_000,
    controlToken: 'for measurements only',
    accounts: [],
    subnets: [
      {
        netuid: NETUID,
        name: 'Measured',
        ownerColdkey: account(0).ss58,
        ownerHotkey: account(1).ss58,
        taoReserveRao: 1_000n * TAO,
        alphaReserveRao: 10_000n * TAO,
        ...subnet,
      },
    ],
    ...changes,
  };
}
