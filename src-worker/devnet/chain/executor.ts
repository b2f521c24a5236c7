import { credit, debit } from '../runtime/balances.ts';
import { storePulses } from '../runtime/drand.ts';
import { enterRelease } from '../runtime/entering.ts';
import { Failure } from '../runtime/failure.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import type { Call, Context, Value } from '../runtime/pallet.ts';
import type { Release } from '../runtime/release.ts';
import { revealCommitments, roundsOfCommitments } from '../runtime/revealed.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { CODE_KEY, codeOf } from '../runtime/runtimes.ts';
import { stepBlock } from '../runtime/subtensor/block.ts';
import { dissolve } from '../runtime/subtensor/network-end.ts';
import { netuidsOf } from '../runtime/subtensor/networks.ts';
import { subnets } from '../runtime/subtensor/storage.ts';
import { awaitedRounds } from '../runtime/subtensor/timelocked.ts';
import { callFiltered, systemStorage } from '../runtime/system.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { isNestedBatch } from '../runtime/utility.ts';
import type { Extrinsic } from './extrinsic.ts';
import type { Overlay } from './overlay.ts';

type Phase =
  | { readonly type: 'Initialization' | 'Finalization'; readonly value: undefined }
  | { readonly type: 'ApplyExtrinsic'; readonly value: number };

const anything = (): boolean => true;

const INITIALIZATION: Phase = { type: 'Initialization', value: undefined };

/** TAO from nowhere, for tests and practice. */
export interface Funding {
  readonly account: string;
  readonly amountRao: bigint;
}

/** Runs one block's steps over an overlay and gathers its events. */
export class Executor {
  readonly context: Context;
  readonly #runtime: Runtime;
  readonly #overlay: Overlay;
  readonly #atEnd: (() => void)[] = [];
  #events: Value[] = [];
  #phase: Phase = INITIALIZATION;
  #isAllowed: (call: Call) => boolean = anything;

  constructor(runtime: Runtime, overlay: Overlay, block: number) {
    this.#runtime = runtime;
    this.#overlay = overlay;
    const current = () => this.#phase.value ?? 0;
    this.context = {
      store: runtime.store(overlay),
      block,
      get extrinsic() {
        return current();
      },
      rules: runtime.config.rules,
      release: runtime.release,
      netuids: () => netuidsOf(this.context.store, runtime.config.netuids),
      atEnd: (step) => this.#atEnd.push(step),
      emit: (pallet, event, value) => {
        this.#events.push({
          phase: this.#phase,
          event: { type: pallet, value: { type: event, value } },
          topics: [],
        });
      },
      dispatch: (origin, call) => this.#dispatch(origin, call),
      dispatchFor: (origin, call, isAllowed) => this.#dispatchWithin(isAllowed ?? anything, origin, call),
      refTime: (call) => runtime.refTime(call),
      encode: (type, value) => runtime.codecs.of(type).enc(value),
      describe: (failure) => runtime.dispatchError(failure),
      nested: (step) => this.#nested(step),
    };
  }

  /** Everything before the first extrinsic. */
  initialize(parentHash: string, oldestHashBlock: number): void {
    const { store, block } = this.context;
    store.put(systemStorage.Number, block);
    store.put(systemStorage.ParentHash, parentHash);
    store.put(systemStorage.BlockHash, parentHash, block - 1);
    if (oldestHashBlock > 0) store.remove(systemStorage.BlockHash, oldestHashBlock - 1);
    enterRelease(this.context);
    stepBlock(this.context);
  }

  fund({ account, amountRao }: Funding): void {
    credit(this.context, account, amountRao);
    this.context.store.change(subnets.TotalIssuance, (issued) => issued + amountRao);
    this.context.emit('Balances', 'Deposit', { who: account, amount: amountRao });
  }

  /** What the real chain's superuser may do; a subnet that has ended already is no fault. */
  dissolve(netuid: number): void {
    if (this.context.netuids().includes(netuid)) dissolve(this.context, netuid);
  }

  /** The runtime that holds from the next block on. */
  upgrade(release: Release): void {
    this.#overlay.write(CODE_KEY, codeOf(release));
    this.context.emit('System', 'CodeUpdated');
  }

  setTime(nowMs: number): void {
    this.#phase = { type: 'ApplyExtrinsic', value: 0 };
    this.context.store.put(timestampStorage.Now, BigInt(nowMs));
    this.#pulse(nowMs);
    this.#outcome(null, 0n, false, 'Mandatory');
  }

  /** Where no subnet hides its weights and no commitment is locked nobody asks for a pulse. */
  #pulse(nowMs: number): void {
    const { store, netuids } = this.context;
    const isHidden = (netuid: number) => store.get(subnets.CommitRevealWeightsEnabled, netuid);
    const locked = roundsOfCommitments(store);
    if (locked.length === 0 && !netuids().some(isHidden)) return;
    storePulses(this.context, nowMs, [...awaitedRounds(this.context), ...locked]);
    revealCommitments(this.context);
  }

  /**
   * Fee and nonce stay whatever happens; a failed call leaves nothing else. The caller has checked both. Where it
   * throws nothing has happened.
   */
  apply(extrinsic: Extrinsic, index: number): void {
    this.#phase = { type: 'ApplyExtrinsic', value: index };
    this.#nested(() => this.#applyWhole(extrinsic));
  }

  #applyWhole(extrinsic: Extrinsic): void {
    const { store, emit } = this.context;
    const { signer, call, tipRao } = extrinsic;
    const refTime = this.#runtime.refTime(call);
    const pays = this.#runtime.pays(call);
    const fee = totalFee(feeOf(refTime, extrinsic.bytes.length, pays)) + tipRao;
    if (fee > 0n) {
      debit(this.context, signer, fee, true);
      store.change(subnets.TotalIssuance, (issued) => issued - fee);
      emit('Balances', 'Withdraw', { who: signer, amount: fee });
    }
    store.change(systemStorage.Account, (account) => ({ ...account, nonce: extrinsic.nonce + 1 }), signer);
    const failure = this.#attempt(signer, call);
    emit('TransactionPayment', 'TransactionFeePaid', { who: signer, actual_fee: fee, tip: tipRao });
    this.#outcome(failure, refTime, pays, 'Normal');
  }

  /** What waited for the block's end; then its events go into its state. */
  finish(): void {
    for (const step of this.#atEnd) step();
    this.context.store.put(systemStorage.Events, this.#events);
    this.context.store.put(systemStorage.EventCount, this.#events.length);
  }

  #dispatch(origin: string, call: Call): void {
    if (isNestedBatch(call) || !this.#isAllowed(call)) throw callFiltered();
    this.#runtime.rule(call).run(this.context, origin, call.value.value);
  }

  #dispatchWithin(isAllowed: (call: Call) => boolean, origin: string, call: Call): void {
    const outer = this.#isAllowed;
    this.#isAllowed = isAllowed;
    try {
      this.#dispatch(origin, call);
    } finally {
      this.#isAllowed = outer;
    }
  }

  #attempt(signer: string, call: Call): Failure | null {
    try {
      this.#nested(() => this.context.dispatch(signer, call));
      return null;
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown;
      throw thrown;
    }
  }

  #nested<T>(step: () => T): T {
    const before = this.#events.length;
    this.#overlay.push();
    try {
      const result = step();
      this.#overlay.keep();
      return result;
    } catch (thrown) {
      this.#overlay.discard();
      this.#events.length = before;
      throw thrown;
    }
  }

  #outcome(failure: Failure | null, refTime: bigint, pays: boolean, kind: 'Normal' | 'Mandatory'): void {
    const dispatch_info = {
      weight: { ref_time: refTime, proof_size: 0n },
      class: { type: kind, value: undefined },
      pays_fee: { type: pays ? 'Yes' : 'No', value: undefined },
    };
    if (!failure) this.context.emit('System', 'ExtrinsicSuccess', { dispatch_info });
    else
      this.context.emit('System', 'ExtrinsicFailed', {
        dispatch_error: this.context.describe(failure),
        dispatch_info,
      });
  }
}
