import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { TAIL_BYTES_MAX } from './limits.ts';

/** What a person has read and agreed to. */
export interface Approval {
  /** The very bytes of the call, whose words were shown. */
  readonly call: Uint8Array;
  /** Of the chain that it was shown for. */
  readonly genesisHash: Hex;
}

/**
 * Holds a key to what was agreed to: that call, on that chain, once.
 * @param name of the key, for the error
 * @returns throws KEY_USE_REFUSED for any other payload, and for a second one
 */
export function heldTo(name: string): (payload: Uint8Array, approval: Approval) => void {
  const signed = new WeakSet<Approval>();
  const refuse = (what: string): never => {
    throw new AppError('KEY_USE_REFUSED', { name, what });
  };
  return (payload, approval) => {
    const { call, genesisHash } = approval;
    const tail = Buffer.from(payload).subarray(call.length);
    const begins = Buffer.from(payload).subarray(0, call.length).equals(call);
    const isOfChain = tail.includes(Buffer.from(genesisHash, 'hex'));
    if (call.length < 2 || !begins || tail.length > TAIL_BYTES_MAX || !isOfChain)
      refuse('a call that nobody approved');
    if (signed.has(approval)) refuse('a second signature');
    signed.add(approval);
  };
}
