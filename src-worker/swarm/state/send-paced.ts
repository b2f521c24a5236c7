import type { Pace } from '../../../src-node/pace.ts';
import type { PeerLink } from '../net/link.ts';
import { here } from './protocol.ts';

/** A message whose bytes go at the pace of giving. What a round interrupts is cut off: the receiver asks again. */
export async function sendPaced(
  link: PeerLink,
  bytes: Uint8Array,
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  const head = here();
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length + bytes.length, true);
  await link.send(Buffer.concat([length, head]));
  for (let at = 0; at < bytes.length; ) {
    const portion = bytes.subarray(at, at + pace.portionBytes);
    await pace.take(portion.length, signal);
    signal.throwIfAborted();
    await link.send(portion);
    at += portion.length;
  }
}
