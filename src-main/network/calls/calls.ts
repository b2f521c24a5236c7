import { type CallName, chainCalls, type Money } from '../../../src-shared/chain/calls.ts';
import type { CallEffect, CallOf, ChainCall } from '../chain.ts';
import type { SeenEvent } from '../reads/events.ts';
import type { Session } from '../session.ts';
import { addStakeLimit } from './add-stake-limit.ts';
import { burnedRegister } from './burned-register.ts';
import type { CallSpec } from './call.ts';
import { claimRoot } from './claim-root.ts';
import { commitWeights } from './commit-weights.ts';
import { commitWeightsHash } from './commit-weights-hash.ts';
import { decodeCall } from './decoded.ts';
import type { Extrinsic } from './extrinsic.ts';
import { moveStake } from './move-stake.ts';
import { registerNetwork } from './register-network.ts';
import { removeStakeFullLimit } from './remove-stake-full-limit.ts';
import { removeStakeLimit } from './remove-stake-limit.ts';
import { revealWeights } from './reveal-weights.ts';
import { serveAxon } from './serve-axon.ts';
import { setAutoStake } from './set-auto-stake.ts';
import { setCommitment } from './set-commitment.ts';
import { setHyperparameter } from './set-hyperparameter.ts';
import { setSubnetIdentity } from './set-subnet-identity.ts';
import { setWeights } from './set-weights.ts';
import { startCall } from './start-call.ts';
import { swapHotkey } from './swap-hotkey.ts';
import { swapStakeLimit } from './swap-stake-limit.ts';
import { transfer } from './transfer.ts';
import { transferAll } from './transfer-all.ts';
import { transferStake } from './transfer-stake.ts';

/** Every call the app makes, by its kind. No unlimited market order is among them. */
const specs: { readonly [K in ChainCall['kind']]: CallSpec<CallOf<K>> } = {
  addStakeLimit,
  burnedRegister,
  claimRoot,
  commitWeights,
  commitWeightsHash,
  moveStake,
  registerNetwork,
  removeStakeFullLimit,
  removeStakeLimit,
  revealWeights,
  serveAxon,
  setAutoStake,
  setCommitment,
  setHyperparameter,
  setSubnetIdentity,
  setWeights,
  startCall,
  swapHotkey,
  swapStakeLimit,
  transfer,
  transferAll,
  transferStake,
};

export const callKinds: readonly string[] = Object.keys(specs);

const specOf = (call: ChainCall) => specs[call.kind] as CallSpec<ChainCall>;

/** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
export const buildCall = async (
  session: Session,
  netuid: number,
  call: ChainCall,
  signal: AbortSignal,
): Promise<Extrinsic> => specOf(call).build(session, netuid, call, signal);

/** Where money goes by it. All names of one kind say the same. */
export const moneyOf = (call: ChainCall): Money => {
  const [name] = specOf(call).names;
  return name ? chainCalls[name].money : 'none';
};

/** What the events of a transaction say that it did; undefined for calls of which success says it all. */
export const effectOf = (call: ChainCall, events: readonly SeenEvent[]): CallEffect | null | undefined =>
  specOf(call).effect?.(events, call);

/**
 * How a person reads what is signed, from the bytes alone.
 * @param bytes pallet and call index, then the arguments
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE, CHAIN_ANSWER_MALFORMED
 */
export function sayCall(session: Session, bytes: Uint8Array): { name: CallName; words: string } {
  const { name, words } = readCall(session, bytes);
  return { name, words };
}

/** The same, with every argument. */
export function readCall(session: Session, bytes: Uint8Array) {
  const { name, args } = decodeCall(session, bytes);
  const spec = Object.values(specs).find(({ names }) => names.includes(name));
  return { name, words: spec?.say(args, name) ?? name, lines: args.lines };
}
