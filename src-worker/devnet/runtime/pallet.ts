import type { Value } from '../scale/codecs.ts';
import type { Variant } from '../scale/types.ts';
import type { Failure } from './failure.ts';
import type { AnyItem } from './item.ts';
import type { Release } from './release.ts';
import type { Store } from './store.ts';

/**
 * What one pallet is, said once: metadata, codecs and dispatch are all made from it, so what the metadata names works
 * and nothing else is named. Indices are those of Subtensor mainnet 393; other tools hard-code some.
 */
export interface Pallet {
  readonly name: string;
  readonly index: number;
  readonly crate: string;
  readonly storage: Readonly<Record<string, AnyItem>>;
  readonly calls: Readonly<Record<string, CallRule>>;
  readonly events: Readonly<Record<string, Variant>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly constants: Readonly<Record<string, readonly [type: string, value: Value]>>;
}

export interface CallRule {
  readonly index: number;
  readonly args: Readonly<Record<string, string>>;
  /** Picoseconds of reference time: what the weight part of the fee is computed from. */
  readonly refTime: number;
  /** False for calls that are free for their sender (Pays::No); `asHeld`: where nothing that it holds is charged. */
  readonly pays: boolean | 'asHeld';
  /** Only the block itself may make this call. */
  readonly inherent?: true;
  /** The calls that its arguments hold, in their order. */
  holds?(args: Value): readonly Call[];
  /** How many calls' work its arguments ask for, where that is more than one. */
  counts?(args: Value): number;
  /** Of those the free ones add nothing to what it is charged for. */
  readonly sparesFree?: true;
  /** @throws {Failure} after which all writes and events of the call are undone. */
  run(context: Context, origin: string, args: Value): void;
}

/** A decoded call: `{type: pallet, value: {type: call, value: args}}`. */
export interface Call {
  readonly type: string;
  readonly value: { readonly type: string; readonly value: Value };
}

/** For a call with one other in it. */
export const heldCall = ({ call }: Value): readonly Call[] => [call];

/** Rules of a chain that are no storage of the real one. */
export interface Rules {
  readonly refuseLoopbackAxons: boolean;
  /** Signs the pulses of the chain's own beacon. */
  readonly beaconSecret: bigint;
}

/** What a call sees of the chain. Accounts are `0x` hex. */
export interface Context {
  readonly store: Store;
  /** Number of the block being built. */
  readonly block: number;
  readonly rules: Rules;
  /** Whose rules hold in this block. */
  readonly release: Release;
  /** Place of the transaction that runs within its block; 0 while none does. */
  readonly extrinsic: number;
  /** All subnets there are, root not among them. */
  netuids(): readonly number[];
  /** Done once the block's last call has run, whether or not the call that asked for it has failed. */
  atEnd(step: () => void): void;
  emit(pallet: string, event: string, value?: Value): void;
  /** Makes a call within the bounds that the present caller already has. @throws {Failure} CallFiltered outside of them */
  dispatch(origin: string, call: Call): void;
  /** Makes a call for an account that has just been shown to stand behind it: in no other bounds than these. */
  dispatchFor(origin: string, call: Call, isAllowed?: (call: Call) => boolean): void;
  /** Picoseconds of reference time that a call is charged for, with all that it holds. */
  refTime(call: Call): bigint;
  /** SCALE bytes of a value of a named type: some rules count them. */
  encode(type: string, value: Value): Uint8Array;
  /** A failure as events carry it. */
  describe(failure: Failure): Value;
  /** Runs a step whose writes and events vanish when it throws. */
  nested<T>(step: () => T): T;
}

export interface ApiMethod {
  readonly inputs: Readonly<Record<string, string>>;
  readonly output: string;
}

export type { Value };
