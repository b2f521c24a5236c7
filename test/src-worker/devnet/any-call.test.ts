import fc from 'fast-check';
import * as v from 'valibot';
import { describe, test } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Executor } from '../../../src-worker/devnet/chain/executor.ts';
import { buildGenesis } from '../../../src-worker/devnet/chain/genesis.ts';
import { Overlay } from '../../../src-worker/devnet/chain/overlay.ts';
import { Failure } from '../../../src-worker/devnet/runtime/failure.ts';
import type { Call } from '../../../src-worker/devnet/runtime/pallet.ts';
import { RELEASES } from '../../../src-worker/devnet/runtime/release.ts';
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';
import { toHex } from '../../../src-worker/devnet/scale/hex.ts';
import { Reader } from '../../../src-worker/devnet/scale/wire.ts';
import { runs } from '../../runs.ts';
import { callArguments } from './any-arguments.ts';
import { alice, bob, NETUID, options, owner, ownerHotkey, TAO } from './genesis.ts';

const people = [owner, ownerHotkey, alice, bob];
const accounts = people.map(({ publicKey }) => toHex(publicKey));

describe.each(RELEASES)('at $specVersion', (release) => {
  const runtime = new Runtime(
    { blockMs: 1_000, netuids: [NETUID], rules: { refuseLoopbackAxons: false, beaconSecret: 38n } },
    release,
  );
  const seats = [
    { hotkey: alice.address, coldkey: alice.address, stakeAlpha: 100n * TAO, validatorPermit: true },
  ];
  const init = v.parse(devnetInitSchema, options({}, { neurons: seats, commitReveal: true }));
  const state = new Map(buildGenesis(init, runtime).changes);

  function run(origin: string, call: Call): void {
    const overlay = new Overlay(
      (key) => state.get(key) ?? null,
      (prefix) => [...state.keys()].filter((key) => key.startsWith(prefix)),
    );
    const executor = new Executor(runtime, overlay, 1);
    executor.initialize(`0x${'00'.repeat(32)}`, 0);
    try {
      executor.context.nested(() => executor.context.dispatch(origin, call));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      executor.context.describe(thrown);
    }
    executor.finish();
  }

  test.each(callArguments(runtime.metadata(16)))(
    '%s is carried out or refused by name, whatever it is given',
    (_name, head, tail) => {
      fc.assert(
        fc.property(tail, fc.constantFrom(...accounts), (bytes, origin) => {
          const reader = new Reader(Uint8Array.from([...head, ...bytes]));
          const call: Call = runtime.codecs.of('RuntimeCall').dec(reader);
          reader.end();
          run(origin, call);
        }),
        { numRuns: runs(40, 400) },
      );
    },
  );
});
