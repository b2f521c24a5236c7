import { chainCalls } from '../../../src-shared/chain/calls.ts';
import type { CallOf, ChainCall } from '../chain.ts';
import type { Session } from '../session.ts';
import { addStakeLimit } from './add-stake-limit.ts';
import { burnedRegister } from './burned-register.ts';
import type { CallSpec } from './call.ts';
import type { Extrinsic } from './extrinsic.ts';
import { serveAxon } from './serve-axon.ts';
import { setCommitment } from './set-commitment.ts';
import { setWeights } from './set-weights.ts';
import { startCall } from './start-call.ts';

/** Every call the app makes, by its kind. No unlimited market order is among them. */
const specs: { readonly [K in ChainCall['kind']]: CallSpec<CallOf<K>> } = {
  burnedRegister,
  addStakeLimit,
  serveAxon,
  setCommitment,
  setWeights,
  startCall,
};

const specOf = (call: ChainCall) => specs[call.kind] as CallSpec<ChainCall>;

/** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
export const buildCall = async (
  session: Session,
  netuid: number,
  call: ChainCall,
  signal: AbortSignal,
): Promise<Extrinsic> => specOf(call).build(session, netuid, call, signal);

/** Whether the subnet must be proved to be the expected one before this is signed. */
export const spends = (session: Session, call: ChainCall): boolean =>
  chainCalls[specOf(call).nameOn(session)].spends;

/** How a person reads it. */
export const describeCall = (netuid: number, call: ChainCall): string => specOf(call).describe(netuid, call);
