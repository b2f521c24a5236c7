import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallEffect } from '../chain.ts';
import type { SeenEvent } from '../reads/events.ts';
import type { Session } from '../session.ts';
import type { Arguments } from './decoded.ts';
import type { Extrinsic } from './extrinsic.ts';

/** How one kind of call is made on whatever runtime the session speaks to. */
export interface CallSpec<Call> {
  /** The chain's names of it, the one to use first where a runtime has several. */
  readonly names: readonly CallName[];
  /** @throws {AppError} CHAIN_CALL_UNAVAILABLE */
  build(session: Session, netuid: number, call: Call, signal: AbortSignal): Extrinsic | Promise<Extrinsic>;
  /** What it does, from its decoded arguments: never more than they say. */
  say(args: Arguments, name: CallName): string;
  /**
   * What its events say that it did; null where they say nothing of it. Calls that must be judged by more than their
   * success have one.
   */
  effect?(events: readonly SeenEvent[], call: Call): CallEffect | null;
}
