import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { Session } from '../session.ts';
import type { Extrinsic } from './extrinsic.ts';

/** How one kind of call is made on whatever runtime the session speaks to. */
export interface CallSpec<Call> {
  /** The chain's name of it on this runtime. */
  nameOn(session: Session): CallName;
  /** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  build(session: Session, netuid: number, call: Call, signal: AbortSignal): Extrinsic | Promise<Extrinsic>;
  /** What it does, for the log: never more than its own arguments. */
  describe(netuid: number, call: Call): string;
}
